/** Subscriptions over the one socket of this page. */
import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import type { FormattedExecutionResult } from "graphql";
import type { Client, Sink } from "graphql-ws";

import { socketClient } from "../session/authorized.ts";
import { session } from "../session/index.ts";

let opened: Client | undefined;

/** The socket; it is open while somebody is subscribed, and opened again when it is cut. Its `on` tells how it is. */
export function socket(): Client {
  return (opened ??= socketClient(session));
}

/** Subscribes, until the function that it returns is called. `variables` is asked anew each time that the subscription
 * is sent, on every new socket too: so a tail gives its latest cursor and misses nothing. */
export function subscribe<Data, Variables>(
  document: TypedDocumentNode<Data, Variables>,
  variables: () => Variables,
  sink: Sink<FormattedExecutionResult<Data, Record<string, unknown>>>,
): () => void {
  const payload = {
    query: String(document),
    get variables() {
      return variables() as Record<string, unknown>;
    },
  };
  return socket().subscribe<Data, Record<string, unknown>>(payload, sink);
}
