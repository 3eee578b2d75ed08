/** The grid of a histogram. The server draws the finest one of widths that people like to read; counts that it groups
 * leave out what is empty, so the page has to know the grid to draw the gaps. */
import type { Instant, Interval } from "./range.ts";

/** Stretches of one width, side by side. */
export interface Grid {
  readonly start: Instant;
  /** In milliseconds. */
  readonly width: number;
  readonly count: number;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const WIDTHS: readonly number[] = [
  1, 2, 5, 10, 20, 50, 100, 200, 500,
  ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR),
  ...[1, 10, 100, 1_000, 10_000, 100_000].flatMap((ten) => [1, 2, 5].map((n) => n * ten * DAY)),
];

/** The grid over an interval that has at most `most` stretches. */
export function gridOver({ from, to }: Required<Interval>, most: number): Grid {
  const grids = WIDTHS.map((width) => aligned(from, Math.max(to, from + 1), width));
  return grids.find(({ count }) => count <= most) ?? { start: from, width: Math.ceil((to - from) / most), count: most };
}

function aligned(from: Instant, to: Instant, width: number): Grid {
  const first = Math.floor(from / width);
  return { start: first * width, width, count: Math.floor((to - 1) / width) - first + 1 };
}

/** The place of an instant in a grid; `undefined` when it is outside. */
export function placeIn(grid: Grid, instant: Instant): number | undefined {
  const place = Math.floor((instant - grid.start) / grid.width);
  return place >= 0 && place < grid.count ? place : undefined;
}
