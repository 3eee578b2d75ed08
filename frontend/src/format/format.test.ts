import { expect, test } from "vitest";

import { duration } from "./durations.ts";
import { bytes, count, counted, percent, rate, short } from "./numbers.ts";
import { severityColour, SEVERITIES, shortSeverity } from "./severities.ts";
import { ago, clock, day, full, minute, second } from "./times.ts";

test("counts have their thousands apart, and are short where there is no room", () => {
  expect([count(0), count(1_234_567), short(999), short(1_234_567)]).toEqual(["0", "1,234,567", "999", "1.2M"]);
  expect([counted(1, "record"), counted(2, "record"), counted(0, "entry", "entries")]).toEqual([
    "1 record", "2 records", "0 entries",
  ]);
});

test("a rate that is small is not nothing", () => {
  expect([0, 0.001, 0.016_667, 1, 9.96, 12.34, 4_123].map(rate)).toEqual([
    "0", "<0.01/s", "0.017/s", "1/s", "10/s", "12.3/s", "4.1K/s",
  ]);
});

test("bytes have three digits at most", () => {
  expect([0, 512, 1_023, 1_024, 1_536, 102_400, 1_048_575, 5_368_709_120].map(bytes)).toEqual([
    "0 B", "512 B", "1 KiB", "1 KiB", "1.5 KiB", "100 KiB", "1 MiB", "5 GiB",
  ]);
});

test("a share is never rounded to nothing or to all", () => {
  expect([0, 0.001, 0.5, 0.999, 1].map(percent)).toEqual(["0%", "<1%", "50%", ">99%", "100%"]);
});

test("a duration has its two largest units", () => {
  expect([0.25, 1, 61, 3_600, 5_400, 273_600, 2_592_000].map(duration)).toEqual([
    "250 ms", "1 s", "1 min 1 s", "1 h", "1 h 30 min", "3 d 4 h", "30 d",
  ]);
});

test("an instant keeps its microseconds", () => {
  const instant = "2026-01-02T03:04:05.123456Z";
  expect([day, clock, minute, second, full].map((write) => write(instant, "utc"))).toEqual([
    "2026-01-02", "03:04:05.123", "2026-01-02 03:04", "2026-01-02 03:04:05", "2026-01-02 03:04:05.123456 UTC",
  ]);
  expect(clock("2026-01-02T03:04:05Z", "utc")).toBe("03:04:05.000");
});

test("local times say how far they are from UTC", () => {
  expect(full("2026-01-02T03:04:05Z", "local")).toMatch(/^2026-01-0[123] \d\d:\d\d:05\.000000 [+-]\d\d:\d\d$/);
});

test("what was long ago is told roughly, and what is to come as such", () => {
  const now = Date.parse("2026-01-02T12:00:00Z");
  const at = (seconds: number) => ago(new Date(now - seconds * 1_000).toISOString(), now);
  expect([2, 42, 61, 5_400, 273_600, -300].map(at)).toEqual([
    "just now", "42 s ago", "1 min ago", "1 h ago", "3 d ago", "in 5 min",
  ]);
});

test("every severity has a word for a narrow column and a colour", () => {
  expect([...SEVERITIES, null].every((severity) => shortSeverity(severity).length <= 5)).toBe(true);
  expect(severityColour("ERROR")).toEqual({ text: "var(--severity-error)", fill: "var(--severity-error-fill)" });
  expect(severityColour(null).text).toBe("var(--severity-none)");
});
