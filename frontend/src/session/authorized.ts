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

/** A client for subscriptions: one socket for all of them, open while there is one, opened again when it is cut. The
 * server closes it when its token ends; the next one begins with a fresh token. */
export function socketClient(session: Session): Client {
  let token: string | undefined;
  let refused: string | undefined;
  return createClient({
    url: () => new URL("/graphql", window.location.href.replace(/^http/, "ws")).href,
    lazy: true,
    retryAttempts: Number.POSITIVE_INFINITY,
    connectionParams: async () => {
      token = await session.accessToken(refused);
      return { authorization: `Bearer ${token}` };
    },
    // A session that is over ends the subscription; anything else is worth another try.
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
