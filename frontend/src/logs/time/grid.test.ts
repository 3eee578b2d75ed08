import { expect, test } from "vitest";

import { gridOver, placeIn } from "./grid.ts";

const EDGE = 1_767_322_800_000;
const HOUR = 3_600_000;

test("an hour in sixty stretches is minutes", () => {
  expect(gridOver({ from: EDGE, to: EDGE + HOUR }, 60)).toEqual({ start: EDGE, width: 60_000, count: 60 });
});

test("an hour that begins between two edges begins at the edge before", () => {
  const grid = gridOver({ from: EDGE + 30_000, to: EDGE + HOUR + 30_000 }, 60);
  expect(grid).toEqual({ start: EDGE, width: 120_000, count: 31 });
});

test("every grid covers its interval with no more stretches than asked", () => {
  for (const length of [1, 7, 999, 60_000, HOUR, 31 * 24 * HOUR, 3_650 * 24 * HOUR]) {
    for (const most of [1, 60, 97]) {
      const from = EDGE + 12_345;
      const { start, width, count } = gridOver({ from, to: from + length }, most);
      expect(count).toBeLessThanOrEqual(most);
      expect(start).toBeLessThanOrEqual(from);
      expect(start + width * count).toBeGreaterThanOrEqual(from + length);
    }
  }
});

test("an instant has a place in the grid, or none", () => {
  const grid = { start: 1_000, width: 100, count: 10 };
  expect([1_000, 1_099, 1_100, 1_999].map((at) => placeIn(grid, at))).toEqual([0, 0, 1, 9]);
  expect([999, 2_000].map((at) => placeIn(grid, at))).toEqual([undefined, undefined]);
});
