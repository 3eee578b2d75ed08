/** How far behind a tail is. The clocks of server and browser may differ by any amount, so a record's age says little by
 * itself; what it is above the least age of a tail that had caught up says how long it was on its way. */

export interface Delay {
  /** The least difference between the two clocks that was seen, in milliseconds. */
  readonly least: number | undefined;
  /** How far behind the newest record was when it came, in milliseconds. */
  readonly behind: number;
}

export const noDelay: Delay = { least: undefined, behind: 0 };

interface Arrival {
  readonly logs: readonly { readonly receivedAt: string }[];
  readonly caughtUp: boolean;
}

/** With a batch that arrived at an instant. */
export function withArrival(delay: Delay, { logs, caughtUp }: Arrival, at: number): Delay {
  const newest = logs.at(-1);
  if (newest === undefined) return caughtUp ? { ...delay, behind: 0 } : delay;
  const age = at - Date.parse(newest.receivedAt);
  // What a tail begins with may be old though nothing is newer.
  if (delay.least === undefined) return caughtUp ? { ...delay, behind: 0, least: age } : { ...delay, behind: Math.max(0, age) };
  const least = Math.min(delay.least, age);
  return { least, behind: age - least };
}
