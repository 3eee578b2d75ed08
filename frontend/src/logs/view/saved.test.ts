import { expect, test } from "vitest";

import { conditionsOf } from "./filter.ts";
import { withSaved } from "./saved.ts";
import { DEFAULT, type View } from "./view.ts";

test("what a view saves is what it asks for when it is taken up", () => {
  const view: View = { ...DEFAULT, query: "a OR b", levels: ["ERROR"], hosts: ["web-1"], apps: ["nginx"] };
  expect(withSaved(DEFAULT, conditionsOf(view))).toEqual(view);
});

test("filters that were saved elsewhere are understood, too", () => {
  const filter = { query: "a OR b", text: "disk full", minSeverity: "CRITICAL", from: "2026-01-02T00:00:00Z", to: "2026-01-03T00:00:00Z" };
  expect(withSaved(DEFAULT, filter)).toMatchObject({
    query: '(a OR b) "disk full"', levels: ["EMERGENCY", "ALERT", "CRITICAL"],
    time: { kind: "between", from: Date.parse("2026-01-02T00:00:00Z"), to: Date.parse("2026-01-03T00:00:00Z") },
  });
});

test("conditions of before do not stay, the time does", () => {
  const view: View = { ...DEFAULT, query: "x", hosts: ["a"], time: { kind: "all" } };
  expect(withSaved(view, { query: "y" })).toEqual({ ...DEFAULT, query: "y", time: { kind: "all" } });
  expect(withSaved(view, null).query).toBe("");
});
