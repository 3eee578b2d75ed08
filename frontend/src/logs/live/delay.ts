/** How far behind a tail is. The clocks of server and browser may differ by any amount, so a record's age says little by
 * itself; what it is above the least age of a tail that had caught up says how long it was on its way. */

export interface Delay {
  /** The least difference between the two clocks that was seen, in milliseconds. */
  readonly least: number | undefined;
  /** How far behind the newest record was when it came, in milliseconds. */
  readonly behind: number;
  /** When that was, and whether it was the newest there is. */
  readonly at: number;
  readonly caughtUp: boolean;
}

export const noDelay: Delay = { least: undefined, behind: 0, at: 0, caughtUp: false };

/** What was the newest record stays that for so long, in milliseconds: then silence is no delay. */
const SILENCE = 1_500;

/** How far behind a tail is at an instant, in milliseconds. */
export function behindAt({ behind, at, caughtUp }: Delay, now: number): number {
  return caughtUp && now - at > SILENCE ? 0 : behind;
}

interface Arrival {
  readonly logs: readonly { readonly receivedAt: string }[];
  readonly caughtUp: boolean;
}

/** With a batch that arrived at an instant. */
export function withArrival(delay: Delay, { logs, caughtUp }: Arrival, at: number): Delay {
  const newest = logs.at(-1);
  if (newest === undefined) return { ...delay, at, caughtUp, behind: caughtUp ? 0 : delay.behind };
  const age = at - Date.parse(newest.receivedAt);
  // What a tail begins with may be old though nothing is newer.
  if (delay.least === undefined && caughtUp) return { least: age, behind: 0, at, caughtUp };
  if (delay.least === undefined) return { ...delay, behind: Math.max(0, age), at, caughtUp };
  const least = Math.min(delay.least, age);
  return { least, behind: age - least, at, caughtUp };
}
