import { expect, test } from "vitest";

import { ratesBetween } from "./useRates.ts";

test("a rate is what came between two answers, by the second", () => {
  const rates = ratesBetween({ at: 1_000, counts: { received: 10 } }, { at: 3_000, counts: { received: 30, stored: 5 } });
  expect(rates).toEqual({ received: 10, stored: 0 });
});

test("a count that began anew has no rate, and two answers at once have none", () => {
  expect(ratesBetween({ at: 0, counts: { received: 10 } }, { at: 1_000, counts: { received: 3 } })).toEqual({});
  expect(ratesBetween({ at: 0, counts: { received: 1 } }, { at: 0, counts: { received: 3 } })).toEqual({});
});
