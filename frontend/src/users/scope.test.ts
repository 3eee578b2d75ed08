import { expect, test } from "vitest";

import { readScope, scopeInWords, writeScope } from "./scope.ts";

test("a scope that is read and written says the same", () => {
  for (const scope of [null, { query: "host:web-*" }, { hosts: ["a"], minSeverity: "ERROR" }, { query: "x", apps: ["b"] }]) {
    expect(writeScope(readScope(scope))).toEqual(scope);
  }
});

test("a search that is taken away leaves the other conditions", () => {
  expect(writeScope({ ...readScope({ query: "x", apps: ["b"] }), query: " " })).toEqual({ apps: ["b"] });
  expect(writeScope({ ...readScope({ query: "x" }), query: "" })).toBeNull();
});

test("a scope has a line of its own, and no scope has none", () => {
  expect(scopeInWords({ query: "host:web-*", hosts: ["a"] })).toBe('host:web-*, hosts: ["a"]');
  expect(scopeInWords(null)).toBeUndefined();
});
