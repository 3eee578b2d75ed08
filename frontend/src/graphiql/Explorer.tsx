/** GraphiQL itself: the editors, the documentation of the schema, and the examples. */
import { useMemo, type ReactNode } from "react";
import { DOC_EXPLORER_PLUGIN } from "@graphiql/plugin-doc-explorer";
import { HISTORY_PLUGIN } from "@graphiql/plugin-history";
import { createGraphiQLFetcher } from "@graphiql/toolkit";
import { GraphiQL } from "graphiql";
import "graphiql/style.css";

import { examplesFor } from "./examples.ts";
import { examplesPlugin } from "./ExamplesPlugin.tsx";
import { authorizedFetch, socketClient } from "../session/authorized.ts";
import type { User } from "../session/operations.ts";
import type { Session } from "../session/session.ts";
import "./workers.ts";

interface ExplorerProps {
  readonly session: Session;
  readonly user: User;
}

export default function Explorer({ session, user }: ExplorerProps): ReactNode {
  const fetcher = useMemo(
    () =>
      createGraphiQLFetcher({
        url: "/graphql",
        fetch: authorizedFetch(session),
        wsClient: socketClient(session),
        enableIncrementalDelivery: false,
      }),
    [session],
  );
  const examples = useMemo(() => examplesFor(user.role), [user.role]);
  const plugins = useMemo(() => [examplesPlugin(examples), HISTORY_PLUGIN], [examples]);
  const tabs = useMemo(() => examples.slice(0, 2).map(({ query, variables }) => ({ query, variables })), [examples]);
  return (
    <GraphiQL
      fetcher={fetcher}
      plugins={plugins}
      visiblePlugin={DOC_EXPLORER_PLUGIN}
      defaultTabs={tabs}
      isHeadersEditorEnabled={false}
      showPersistHeadersSettings={false}
      schemaDescription
      inputValueDeprecation
    >
      <GraphiQL.Logo><></></GraphiQL.Logo>
    </GraphiQL>
  );
}
