import { expect, test } from "vitest";

import { fromInput, toInput } from "./input.ts";

const NOW = Date.parse("2026-01-02T03:04:05.678Z");

test("an instant comes back from its input, in either zone", () => {
  for (const zone of ["utc", "local"] as const) expect(fromInput(toInput(NOW, zone), zone)).toBe(NOW);
  expect(toInput(NOW, "utc")).toBe("2026-01-02T03:04:05.678");
});

test("browsers leave out what is zero", () => {
  expect(fromInput("2026-01-02T03:04", "utc")).toBe(Date.parse("2026-01-02T03:04:00Z"));
  expect(fromInput("", "utc")).toBeUndefined();
});
