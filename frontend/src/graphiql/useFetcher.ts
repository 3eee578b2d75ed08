import { createGraphiQLFetcher, type Fetcher } from "@graphiql/toolkit";
import { useEffect, useState } from "react";

import { skippingEmpty } from "./quiet.ts";
import { resuming } from "./resuming.ts";
import { authorizedFetch, socketClient } from "../session/authorized.ts";
import { onceSignedIn } from "../session/onceSignedIn.ts";
import type { Session } from "../session/session.ts";

/** What sends GraphiQL's operations: over HTTP, and subscriptions over a socket, which closes with the component. */
export function useFetcher(session: Session): Fetcher | undefined {
  const [fetcher, setFetcher] = useState<Fetcher>();
  useEffect(() => {
    const wsClient = skippingEmpty(resuming(socketClient(session), (work) => onceSignedIn(session, work)));
    const fetch = authorizedFetch(session);
    setFetcher(() => createGraphiQLFetcher({ url: "/graphql", fetch, wsClient, enableIncrementalDelivery: false }));
    // A socket that fails while it opens needs no closing, which is all there is to hear of.
    return () => void Promise.resolve(wsClient.dispose()).catch(() => {});
  }, [session]);
  return fetcher;
}
