import type { Session } from "./session.ts";

/** The part of a session that says who is signed in. */
type Watched = Pick<Session, "state" | "subscribe">;

/** How long after somebody has signed in the work begins, in milliseconds. */
const SOON = 1_000;

/** Runs something once somebody is signed in (again), a moment from now at the soonest; not after the function that it
 * returns. For what the end of a session cut short. */
export function onceSignedIn(session: Watched, work: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const look = () => {
    if (session.state().kind !== "signed-in" || timer !== undefined) return;
    timer = setTimeout(() => {
      stop();
      work();
    }, SOON);
  };
  const unlisten = session.subscribe(look);
  const stop = () => {
    unlisten();
    clearTimeout(timer);
  };
  look();
  return stop;
}
