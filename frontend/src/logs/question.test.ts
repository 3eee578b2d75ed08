import { expect, test } from "vitest";

import { questionKey, questionOf } from "./question.ts";
import { DEFAULT, type View } from "./view/view.ts";

const NOW = Date.parse("2026-01-02T03:04:05Z");

test("all parts of a screen speak of the same time; only the counts need an end", () => {
  const { variables } = questionOf({ ...DEFAULT, query: "x" }, NOW);
  expect(variables.filter).toEqual({ query: "x", from: "2026-01-02T02:04:05Z" });
  expect(variables.counted).toEqual({ query: "x", from: "2026-01-02T02:04:05Z", to: "2026-01-02T03:04:05Z" });
});

test("the first page is that of the end which stands at the top", () => {
  expect(questionOf(DEFAULT, NOW).variables).toMatchObject({ first: 200 });
  expect(questionOf({ ...DEFAULT, order: "oldest" }, NOW).variables).toMatchObject({ last: 200 });
});

test("a view that is followed gets its lines elsewhere", () => {
  const { variables } = questionOf({ ...DEFAULT, live: true }, NOW);
  expect(variables).not.toHaveProperty("filter");
  expect(variables).not.toHaveProperty("first");
});

test("how lines look is no reason to ask again, what is asked for is", () => {
  const looks: Partial<View> = { columns: [], wrap: true, clock: "utc", fields: [], record: "7" };
  expect(questionKey({ ...DEFAULT, ...looks })).toBe(questionKey(DEFAULT));
  for (const asked of [{ query: "x" }, { levels: ["ERROR"] }, { hosts: ["a"] }, { apps: ["a"] }, { live: true }, { order: "oldest" }] as const) {
    expect(questionKey({ ...DEFAULT, ...asked }), JSON.stringify(asked)).not.toBe(questionKey(DEFAULT));
  }
});
