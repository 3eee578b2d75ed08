/** What a live tail shows: a stretch of the log without holes that ends with the newest record, or, while somebody
 * reads, with the one that was the newest when they began. Rows are bounded; what leaves at the old end is in the store.
 * A value: each function gives the next one. */

/** What a buffer has to know of a record. Positions are written without leading zeros. */
interface Positioned {
  readonly id: string;
}

/** A record, or the place where retention removed some before anybody could read them. */
export type LiveRow<Log extends Positioned> =
  | { readonly kind: "log"; readonly log: Log }
  | { readonly kind: "lost"; readonly key: string; readonly count: number };

/** What a tail hands over together. */
export interface Batch<Log extends Positioned> {
  readonly logs: readonly Log[];
  readonly cursor: string;
  readonly caughtUp: boolean;
  readonly lostBefore?: number | null;
}

export interface LiveBuffer<Log extends Positioned> {
  /** What is shown, oldest first. */
  readonly rows: readonly LiveRow<Log>[];
  /** What has come since the pause, oldest first. */
  readonly waiting: readonly LiveRow<Log>[];
  readonly paused: boolean;
  /** Records that came since the pause, also those that `waiting` had no room for. */
  readonly news: number;
  /** Records that `waiting` had no room for: between `rows` and `waiting`, only the store has them. */
  readonly skipped: number;
  /** Whether the store may have records older than the first row. */
  readonly older: boolean;
  /** Where to go on from. */
  readonly cursor: string | undefined;
  readonly caughtUp: boolean;
  /** The newest record that came; nothing at or before it is taken again. */
  readonly newest: string | undefined;
  /** Records that came, in all. */
  readonly received: number;
  /** Rows of either kind that are kept, at most, while nobody reads further back. */
  readonly limit: number;
}

/** A buffer that nothing has come to. */
export function emptyBuffer<Log extends Positioned>(limit: number): LiveBuffer<Log> {
  return {
    rows: [], waiting: [], paused: false, news: 0, skipped: 0, older: true,
    cursor: undefined, caughtUp: false, newest: undefined, received: 0, limit,
  };
}

/** Takes batches in, in the order in which they came. */
export function withBatches<Log extends Positioned>(
  buffer: LiveBuffer<Log>,
  batches: readonly Batch<Log>[],
): LiveBuffer<Log> {
  const last = batches.at(-1);
  if (last === undefined) return buffer;
  const arrived: LiveRow<Log>[] = [];
  let { newest } = buffer;
  let count = 0;
  for (const { logs, cursor, lostBefore } of batches) {
    if (lostBefore) arrived.push({ kind: "lost", key: cursor, count: lostBefore });
    for (const log of logs) {
      if (newest !== undefined && !isAfter(log.id, newest)) continue;
      newest = log.id;
      count++;
      arrived.push({ kind: "log", log });
    }
  }
  const next = {
    ...buffer, newest, cursor: last.cursor, caughtUp: last.caughtUp, received: buffer.received + count,
  };
  if (!buffer.paused) {
    const { kept, left } = newestOf([...buffer.rows, ...arrived], buffer.limit);
    return { ...next, rows: kept, older: buffer.older || left > 0 };
  }
  const { kept, left } = newestOf([...buffer.waiting, ...arrived], buffer.limit);
  return { ...next, waiting: kept, news: buffer.news + count, skipped: buffer.skipped + left };
}

/** Stops showing what comes, so that somebody can read. */
export function paused<Log extends Positioned>(buffer: LiveBuffer<Log>): LiveBuffer<Log> {
  return buffer.paused ? buffer : { ...buffer, paused: true };
}

/** Shows what has come meanwhile, and goes on. */
export function resumed<Log extends Positioned>(buffer: LiveBuffer<Log>): LiveBuffer<Log> {
  if (!buffer.paused) return buffer;
  // Over a hole nothing is shown: what was before it comes from the store, like what is older.
  const before = buffer.skipped > 0 ? [] : buffer.rows;
  const { kept, left } = newestOf([...before, ...buffer.waiting], buffer.limit);
  const older = buffer.older || buffer.skipped > 0 || left > 0;
  return { ...buffer, rows: kept, waiting: [], paused: false, news: 0, skipped: 0, older };
}

/** Puts records from the store, oldest first, before the first row. `more`: it has still older ones. */
export function withOlder<Log extends Positioned>(
  buffer: LiveBuffer<Log>,
  logs: readonly Log[],
  more: boolean,
): LiveBuffer<Log> {
  const first = oldestId(buffer);
  const fitting = first === undefined ? logs : logs.filter(({ id }) => isAfter(first, id));
  return { ...buffer, rows: [...fitting.map((log) => ({ kind: "log" as const, log })), ...buffer.rows], older: more };
}

/** The position of the first record that is shown. */
export function oldestId<Log extends Positioned>({ rows }: LiveBuffer<Log>): string | undefined {
  return rows.find((row) => row.kind === "log")?.log.id;
}

/** Whether a position is behind another one. */
export function isAfter(id: string, other: string): boolean {
  return id.length === other.length ? id > other : id.length > other.length;
}

/** The newest rows, and how many records are left out. */
function newestOf<Log extends Positioned>(
  rows: readonly LiveRow<Log>[],
  limit: number,
): { readonly kept: readonly LiveRow<Log>[]; readonly left: number } {
  if (rows.length <= limit) return { kept: rows, left: 0 };
  const left = rows.slice(0, -limit).filter(({ kind }) => kind === "log").length;
  return { kept: rows.slice(-limit), left };
}
