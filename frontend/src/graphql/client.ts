/** What asks the server for the pages. Nothing is cached: what a page shows is what the server said last. */
import { Client, fetchExchange } from "@urql/core";

import { session } from "../session/index.ts";
import { patientFetch } from "../session/patient.ts";

export const client = new Client({
  url: "/graphql",
  exchanges: [fetchExchange],
  preferGetMethod: false,
  requestPolicy: "network-only",
  fetch: patientFetch(session),
  // An answer is one JSON document: subscriptions have a socket of their own.
  fetchOptions: { headers: { accept: "application/graphql-response+json" } },
});
