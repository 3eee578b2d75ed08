import { expect, test } from "vitest";

import { extent, piled, SERIES, stacksOf } from "./series.ts";

const GRID = { start: 0, width: 1_000, count: 3 };
const at = (seconds: number) => new Date(seconds * 1_000).toISOString();

test("counts stand in their stretch and level, gaps are none", () => {
  const stacks = stacksOf(GRID, [
    { start: at(0), key: "ERROR", count: 2 }, { start: at(2), key: "INFO", count: 5 }, { start: at(2), key: null, count: 1 },
  ]);
  expect(stacks.starts).toEqual([0, 1, 2]);
  expect(stacks.counts[SERIES.indexOf("ERROR")]).toEqual([2, 0, 0]);
  expect(stacks.counts[SERIES.indexOf(null)]).toEqual([0, 0, 1]);
  expect(stacks.total).toBe(8);
});

test("a pile ends with the count of all levels", () => {
  const stacks = stacksOf(GRID, [{ start: at(1), key: "ERROR", count: 2 }, { start: at(1), key: "DEBUG", count: 3 }]);
  expect(piled(stacks).at(-1)).toEqual([0, 5, 0]);
  expect(piled(stacks)[SERIES.indexOf("ERROR")]).toEqual([0, 2, 0]);
});

test("what is outside the grid, or of a level nobody knows, is not drawn", () => {
  expect(stacksOf(GRID, [{ start: at(9), key: "INFO", count: 1 }, { start: at(1), key: "LOUD", count: 1 }]).total).toBe(0);
});

test("all times reach from the first count to the last", () => {
  expect(extent([{ start: at(10), count: 1 }, { start: at(0), count: 1 }, { start: at(2), count: 1 }], 60, 0)).toEqual({ from: 0, to: 10_200 });
  expect(extent([], 60, 3_600_000)).toEqual({ from: 0, to: 3_600_000 });
});
