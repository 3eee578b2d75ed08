import { expect, test } from "vitest";

import {
  atLeast, excludingValue, isNarrow, stanceTo, togglingColumn, togglingField, togglingLevel, togglingValue, withLevels,
  withLive, withoutConditions, withTime,
} from "./change.ts";
import { DEFAULT, LEVELS, MOST_FIELDS } from "./view.ts";

test("including a value twice is as if nothing had been", () => {
  for (const [field, value] of [["host", "web 1"], ["app", "nginx"], ["severity", "ERROR"], ["attributes.user.id", "42"], ["msgid", null]] as const) {
    const narrow = togglingValue(DEFAULT, field, value);
    expect(stanceTo(narrow, field, value), field).toBe("included");
    expect(togglingValue(narrow, field, value)).toEqual(DEFAULT);
  }
});

test("excluding a value twice is as if nothing had been", () => {
  for (const [field, value] of [["host", "web 1"], ["severity", "ERROR"], ["attributes.user.id", "42"], ["msgid", null]] as const) {
    const narrow = excludingValue(DEFAULT, field, value);
    expect(stanceTo(narrow, field, value), field).toBe("excluded");
    expect(excludingValue(narrow, field, value)).toEqual(DEFAULT);
  }
});

test("a value that is excluded can be included at once, and the other way round", () => {
  const without = excludingValue(DEFAULT, "host", "a");
  expect(without.query).toBe("-host:a");
  expect(togglingValue(without, "host", "a")).toEqual({ ...DEFAULT, hosts: ["a"] });
  expect(excludingValue({ ...DEFAULT, hosts: ["a", "b"] }, "host", "a")).toEqual({ ...DEFAULT, hosts: ["b"], query: "-host:a" });
});

test("hosts are chosen side by side", () => {
  expect(togglingValue(togglingValue(DEFAULT, "host", "a"), "host", "b").hosts).toEqual(["a", "b"]);
});

test("levels stand in their order, and all of them are no choice", () => {
  expect(togglingLevel(togglingLevel(DEFAULT, "WARNING"), "ALERT").levels).toEqual(["ALERT", "WARNING"]);
  expect(withLevels(DEFAULT, [...LEVELS]).levels).toEqual([]);
  expect(atLeast(DEFAULT, "ERROR").levels).toEqual(["EMERGENCY", "ALERT", "CRITICAL", "ERROR"]);
});

test("what is followed has no end in the past", () => {
  const past = withTime(withLive(DEFAULT, true), { kind: "between", from: 1, to: 2 });
  expect(past.live).toBe(false);
  expect(withLive(past, true).time).toEqual({ kind: "last", length: "15m" });
  expect(withLive(DEFAULT, true).time).toEqual(DEFAULT.time);
});

test("the fields that are counted are bounded, and the newest is among them", () => {
  let view = DEFAULT;
  for (let n = 0; n < 20; n++) view = togglingField(view, `attributes.f${n}`);
  expect(view.fields).toHaveLength(MOST_FIELDS);
  expect(view.fields).toContain("attributes.f19");
});

test("a column comes and goes", () => {
  expect(togglingColumn(DEFAULT, "msgid").columns).toEqual(["host", "app", "msgid"]);
  expect(togglingColumn(DEFAULT, "host").columns).toEqual(["app"]);
});

test("a view without conditions is not narrow, whatever its time", () => {
  const view = togglingValue(withTime(DEFAULT, { kind: "all" }), "host", "a");
  expect(isNarrow(view)).toBe(true);
  expect(isNarrow(withoutConditions(view))).toBe(false);
  expect(withoutConditions(view).time).toEqual({ kind: "all" });
});
