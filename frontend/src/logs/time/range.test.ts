import { expect, test } from "vitest";

import {
  between, lengthInWords, milliseconds, PRESETS, readLength, readRange, resolve, shifted, SHORTEST, widened, writeRange,
} from "./range.ts";

const NOW = Date.parse("2026-01-02T03:04:05.678Z");

test("every preset is read back as it is written", () => {
  for (const length of PRESETS) expect(readRange(writeRange({ kind: "last", length }))).toEqual({ kind: "last", length });
});

test("fixed instants keep their milliseconds", () => {
  const range = { kind: "between", from: NOW - 1, to: NOW } as const;
  expect(writeRange(range)).toBe("2026-01-02T03:04:05.677Z/2026-01-02T03:04:05.678Z");
  expect(readRange(writeRange(range))).toEqual(range);
});

test("what is no range is none, whatever it looks like", () => {
  const no = ["", "m", "0m", "-5m", "5", "5y", "1e3m", "999999d", "all/", "/", "x/y", "2026-01-02/2026-01-03", "1/2",
    "2026-01-02T00:00Z/2026-01-01T00:00Z", "2026-01-02T00:00Z/2026-01-02T00:00Z", "2026-99-02T00:00Z/2027-01-01T00:00Z"];
  for (const text of no) expect(readRange(text), text).toBeUndefined();
});

test("lengths are as long as they say", () => {
  expect(milliseconds("15m")).toBe(900_000);
  expect(milliseconds("2d")).toBe(172_800_000);
  expect(readLength("007m")).toBeUndefined();
  expect(lengthInWords("1h")).toBe("1 hour");
  expect(lengthInWords("30d")).toBe("30 days");
});

test("a stretch up to now begins that long ago and leaves its end open", () => {
  expect(resolve({ kind: "last", length: "5m" }, NOW)).toEqual({ from: NOW - 300_000 });
  expect(resolve({ kind: "all" }, NOW)).toEqual({});
});

test("a range is never empty, and runs forward however it was dragged", () => {
  expect(between(20_000, 10_000)).toEqual({ kind: "between", from: 10_000, to: 20_000 });
  expect(between(5, 5)).toEqual({ kind: "between", from: 5, to: 5 + SHORTEST });
});

test("widening doubles a range and does not reach into the future", () => {
  expect(widened({ from: 1_000, to: 2_000 }, NOW)).toEqual({ kind: "between", from: 500, to: 2_500 });
  expect(widened({ from: NOW - 1_000, to: NOW }, NOW)).toEqual({ kind: "between", from: NOW - 2_000, to: NOW });
});

test("the range before ends where this one begins", () => {
  expect(shifted({ from: 1_000, to: 2_000 }, -1)).toEqual({ kind: "between", from: 0, to: 1_000 });
});
