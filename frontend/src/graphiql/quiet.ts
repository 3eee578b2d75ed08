/** Leaves out the batches of a `tail` that hold no record: now and then the server sends one only to move the cursor.
 * GraphiQL shows the last answer alone, so such a batch would wipe the records off the screen. */
import type { Client } from "graphql-ws";

import { batchIn, batchNames, type BatchNames } from "./resume.ts";

/** A client whose tails tell of records only, after their first batch. */
export function skippingEmpty(client: Client): Client {
  const subscribe: Client["subscribe"] = (payload, sink) => {
    const names = batchNames(payload);
    if (names === undefined) return client.subscribe(payload, sink);
    let shown = false;
    return client.subscribe(payload, {
      ...sink,
      next(value) {
        if (shown && isEmpty(value, names)) return;
        shown = true;
        sink.next(value as Parameters<typeof sink.next>[0]);
      },
    });
  };
  return { ...client, subscribe };
}

function isEmpty({ data, errors }: { data?: unknown; errors?: unknown }, names: BatchNames): boolean {
  const logs = names.logs === undefined ? undefined : batchIn(data, names)?.[names.logs];
  return errors === undefined && Array.isArray(logs) && logs.length === 0;
}
