/** `fetch` and WebSockets that carry the session. */
import { createClient, type Client } from "graphql-ws";

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
 * server closes it when its token ends; the next one begins with a fresh token. What was subscribed to is sent again on
 * every new socket, as it reads at that moment: a `tail` that gives its last cursor there goes on where it was. */
export function socketClient(session: Session): Client {
  let token: string | undefined;
  let refused: string | undefined;
  return createClient({
    // The token is seen to here, for a failure in `connectionParams` would be final; without one the server closes
    // the socket, and then there is another attempt or the session is over.
    url: async () => {
      token = await session.accessToken(refused).catch(() => undefined);
      return new URL("/graphql", window.location.href.replace(/^http/, "ws")).href;
    },
    connectionParams: () => (token === undefined ? {} : { authorization: `Bearer ${token}` }),
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
}
