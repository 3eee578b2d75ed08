/** A client whose tails go on where they were cut, if their batches carry the cursor. */
import type { Client } from "graphql-ws";

import { batchNames, cursorIn, resumed } from "./resume.ts";

/** How long until a tail that the server ended is asked for again, in milliseconds. */
const PAUSE = 1_000;

/** Makes the tails of a client go on: on a new socket, which the client opens by itself, when the server ends them, and
 * when a session is over that somebody goes on with. A tail has no end of its own: the server ends it because it stops,
 * or says in an error why. `afterSignIn` runs something once somebody is signed in, unless it is called off. */
export function resuming(client: Client, afterSignIn: (work: () => void) => () => void): Client {
  const subscribe: Client["subscribe"] = (payload, sink) => {
    const names = batchNames(payload);
    if (names === undefined) return client.subscribe(payload, sink);

    let cursor: string | undefined;
    let over = false;
    let cancel = () => {};
    // The client reads it each time it sends it: at first, and on every new socket.
    const request = {
      ...payload,
      get query() {
        return cursor === undefined ? payload.query : resumed(payload, cursor).query;
      },
    };
    const open = () => {
      cancel = client.subscribe<Record<string, unknown>>(request, {
        next(value) {
          cursor = cursorIn(value.data, names) ?? cursor;
          over ||= value.errors !== undefined;
          sink.next(value as Parameters<typeof sink.next>[0]);
        },
        error(error) {
          // A list is of errors of the operation; anything else is the socket, which is given up with the session.
          if (!Array.isArray(error)) {
            const callOff = afterSignIn(open);
            cancel = () => {
              callOff();
              sink.complete();
            };
            return;
          }
          over = true;
          sink.error(error);
        },
        complete() {
          if (over) return sink.complete();
          const again = setTimeout(open, PAUSE);
          cancel = () => {
            clearTimeout(again);
            sink.complete();
          };
        },
      });
    };
    open();
    return () => {
      over = true;
      cancel();
    };
  };
  return { ...client, subscribe };
}
