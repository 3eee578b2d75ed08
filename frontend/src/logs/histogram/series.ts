/** Counts over time as stacks to draw: one series a level, the most severe at the bottom. */
import { gridOver, placeIn, type Grid } from "../time/grid.ts";
import { LEVELS, type Level } from "../view/view.ts";

/** A count of the server's: of a level, or of the records without one. */
export interface Bucket {
  readonly start: string;
  readonly key?: string | null;
  readonly count: number;
}

/** The records without a level are a series of their own, the last one. */
export const SERIES: readonly (Level | null)[] = [...LEVELS, null];

export interface Stacks {
  /** Where each stretch begins, in seconds since 1970. */
  readonly starts: readonly number[];
  /** The counts of each of `SERIES`, stretch by stretch. */
  readonly counts: readonly (readonly number[])[];
  /** All records of each of `SERIES`. */
  readonly sums: readonly number[];
  readonly total: number;
}

/** The stacks of counts in a grid. */
export function stacksOf(grid: Grid, buckets: readonly Bucket[]): Stacks {
  const counts = SERIES.map(() => new Array<number>(grid.count).fill(0));
  for (const { start, key, count } of buckets) {
    const series = counts[SERIES.indexOf((key ?? null) as Level | null)];
    const place = placeIn(grid, Date.parse(start));
    if (series !== undefined && place !== undefined) series[place] = (series[place] ?? 0) + count;
  }
  const sums = counts.map((series) => series.reduce((sum, count) => sum + count, 0));
  return {
    starts: Array.from({ length: grid.count }, (_, n) => (grid.start + n * grid.width) / 1_000),
    counts,
    sums,
    total: sums.reduce((sum, count) => sum + count, 0),
  };
}

/** Each series with those below it: what is drawn, from the last to the first, so that each covers the next. */
export function piled(stacks: Stacks): readonly (readonly number[])[] {
  let below = stacks.starts.map(() => 0);
  return stacks.counts.map((series) => {
    below = series.map((count, at) => count + (below[at] ?? 0));
    return below;
  });
}

/** The interval from the first count to the last, for a view of all times. */
export function extent(buckets: readonly Bucket[], most: number, now: number): { readonly from: number; readonly to: number } {
  const starts = buckets.map(({ start }) => Date.parse(start)).toSorted((a, b) => a - b);
  const [first] = starts;
  const last = starts.at(-1);
  if (first === undefined || last === undefined) return { from: now - 3_600_000, to: now };
  // The server's stretches are no narrower than those of the finest grid that reaches so far.
  return { from: first, to: last + gridOver({ from: first, to: last + 1 }, most).width };
}
