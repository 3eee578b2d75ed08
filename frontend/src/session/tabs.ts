/** The other tabs of this browser: they hear what happens to the session, and take turns at changing it. */
import type { Grant } from "./operations.ts";

/** What tabs tell each other. A token passes from tab to tab in memory; it is stored nowhere. */
export type Word = { readonly kind: "granted"; readonly grant: Grant } | { readonly kind: "ended" };

export interface Tabs {
  tell(word: Word): void;
  /** Calls `listener` for every word of another tab. */
  listen(listener: (word: Word) => void): void;
  /** Runs `work` while no other tab of this browser runs theirs. */
  inTurn<Result>(work: () => Promise<Result>): Promise<Result>;
}

/** The tabs of this browser that show the same server. */
export function browserTabs(): Tabs {
  const name = "tailwater-session";
  const channel = new BroadcastChannel(name);
  return {
    tell: (word) => channel.postMessage(word),
    listen: (listener) => {
      channel.onmessage = (event: MessageEvent<Word>) => listener(event.data);
    },
    inTurn: (work) => locked(name, work),
  };
}

async function locked<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
  // Pages over plain HTTP from another machine have no locks. Two tabs may then refresh at once, which the
  // server forgives within some seconds.
  const locks: LockManager | undefined = navigator.locks;
  return locks === undefined ? work() : locks.request(name, work);
}
