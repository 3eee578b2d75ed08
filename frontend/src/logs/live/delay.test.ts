import { expect, test } from "vitest";

import { behindAt, noDelay, withArrival } from "./delay.ts";

const batch = (receivedAt: number, caughtUp = true) => ({ logs: [{ receivedAt: new Date(receivedAt).toISOString() }], caughtUp });

test("clocks that differ are no delay", () => {
  const first = withArrival(noDelay, batch(1_000), 61_000);
  expect(withArrival(first, batch(2_000), 62_000).behind).toBe(0);
});

test("records that come late are behind", () => {
  const first = withArrival(noDelay, batch(1_000), 1_010);
  expect(withArrival(first, batch(2_000), 5_010).behind).toBe(3_000);
});

test("the old records that a tail begins with are no delay", () => {
  const first = withArrival(noDelay, batch(0), 9_000_000);
  expect(first.behind).toBe(0);
  expect(withArrival(first, batch(9_001_000), 9_001_005).behind).toBe(0);
});

test("silence behind the newest record is no delay", () => {
  const late = withArrival(withArrival(noDelay, batch(0), 0), batch(1_000), 5_000);
  expect([behindAt(late, 5_100), behindAt(late, 7_000)]).toEqual([4_000, 0]);
});

test("nothing new, and caught up, is no delay", () => {
  const late = withArrival(withArrival(noDelay, batch(0), 0), batch(1, false), 5_001);
  expect(withArrival(late, { logs: [], caughtUp: true }, 9_000).behind).toBe(0);
});
