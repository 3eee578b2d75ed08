import { expect, test } from "vitest";

import { expiresAt, standing } from "./expiry.ts";

const NOW = Date.parse("2026-01-01T00:00:00Z");

test("a token ends when its time is over, or never", () => {
  expect(expiresAt("30", NOW)).toBe("2026-01-31T00:00:00.000Z");
  expect(expiresAt("never", NOW)).toBeNull();
});

test("a token that ends within a week says so, and one that has ended, too", () => {
  const at = (days: number) => standing(new Date(NOW + days * 86_400_000).toISOString(), NOW);
  expect([at(8), at(6), at(0), at(-1), standing(null, NOW)]).toEqual(["good", "ending", "over", "over", "good"]);
});
