/** `fetch` that outlasts a session: whoever signs in again gets the answer to what was asked before. */
import { authorizedFetch } from "./authorized.ts";
import { Failure } from "./request.ts";
import type { Session } from "./session.ts";

/** `fetch` with the access token of the session. When that has ended, it waits until the same user is signed in again.
 * @throws {Failure} when somebody else signs in, or the user signs out */
export function patientFetch(session: Session): typeof fetch {
  const authorized = authorizedFetch(session);
  return async (input, init) => {
    const before = session.state();
    try {
      return await authorized(input, init);
    } catch (failure) {
      const over = failure instanceof Failure && failure.code === "UNAUTHENTICATED";
      if (!over || before.kind !== "signed-in") throw failure;
      await back(session, before.user.id, failure);
      return authorized(input, init);
    }
  };
}

/** Waits until a user is signed in again. */
function back(session: Session, id: string, failure: Failure): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = () => {
      const state = session.state();
      if (state.kind === "signed-out" && state.expired) return;
      unsubscribe();
      if (state.kind === "signed-in" && state.user.id === id) resolve();
      else reject(failure);
    };
    const unsubscribe = session.subscribe(look);
    look();
  });
}
