/** `fetch` and WebSockets that carry the session. */
import { createClient, type Client } from "graphql-ws";

import { batchNames, cursorIn, resumed } from "./resume.ts";
import type { Session } from "./session.ts";

/** `fetch` with the access token of the session. When the server refuses it, tries once more with a new one. */
export function authorizedFetch(session: Session): typeof fetch {
  return async (input, init) => {
    const ask = (token: string) => {
      const headers = new Headers(init?.headers);
      headers.set("authorization", `Bearer ${token}`);
      return fetch(input, { ...init, headers });
    };
    const token = await session.accessToken();
    const response = await ask(token);
    return response.status === 401 ? ask(await session.accessToken(token)) : response;
  };
}

/** The code with which the server closes a socket whose token is not, or no longer, good. */
const FORBIDDEN = 4403;
/** The longest wait between two attempts to connect, in milliseconds. */
const LONGEST_WAIT = 15_000;

/** A client for subscriptions: one socket for all of them, open while there is one, opened again when it is cut. The
 * server closes it when its token ends; the next one begins with a fresh token, and a `tail` goes on where it was. */
export function socketClient(session: Session): Client {
  let token = "";
  let refused: string | undefined;
  const client = createClient({
    // The token is seen to here, where a failure is worth another attempt; one in `connectionParams` is final.
    url: async () => {
      token = await session.accessToken(refused);
      return new URL("/graphql", window.location.href.replace(/^http/, "ws")).href;
    },
    connectionParams: () => ({ authorization: `Bearer ${token}` }),
    lazy: true,
    retryAttempts: Number.POSITIVE_INFINITY,
    retryWait: (retries) => {
      const wait = retries === 0 ? 0 : Math.min(500 * 2 ** retries, LONGEST_WAIT);
      return new Promise((resume) => setTimeout(resume, wait + Math.random() * 300));
    },
    // A session that is over ends the subscription; anything else is worth another attempt.
    shouldRetry: () => session.state().kind === "signed-in",
    on: {
      connected: () => {
        refused = undefined;
      },
      closed: (event) => {
        if (event instanceof CloseEvent && event.code === FORBIDDEN) refused = token;
      },
    },
  });
  return resuming(client);
}

/** A client whose tails go on where they were cut, if their batches carry the cursor. */
export function resuming(client: Client): Client {
  const subscribe: Client["subscribe"] = (payload, sink) => {
    const names = batchNames(payload);
    if (names === undefined) return client.subscribe(payload, sink);
    let cursor: string | undefined;
    // The client reads it each time it sends it: at first, and on every new socket.
    const request = {
      ...payload,
      get query() {
        return cursor === undefined ? payload.query : resumed(payload, cursor).query;
      },
    };
    return client.subscribe<Record<string, unknown>>(request, {
      ...(sink as typeof sink & { next(value: unknown): void }),
      next(value) {
        cursor = cursorIn(value.data, names) ?? cursor;
        sink.next(value as Parameters<typeof sink.next>[0]);
      },
    });
  };
  return { ...client, subscribe };
}
