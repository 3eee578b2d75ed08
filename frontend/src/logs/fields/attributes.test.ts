import { expect, test } from "vitest";

import { commonPaths, leafText, valueAt } from "./attributes.ts";

test("a value is found by its path, also where keys have dots", () => {
  const attributes = { user: { id: 42 }, "http.status": 500, "a.b": { "c.d": "x" } };
  expect(valueAt(attributes, "user.id")).toBe(42);
  expect(valueAt(attributes, "http.status")).toBe(500);
  expect(valueAt(attributes, "a.b.c.d")).toBe("x");
  expect(valueAt(attributes, "user.name")).toBeUndefined();
  expect(valueAt(attributes, "toString")).toBeUndefined();
});

test("the commonest paths come first, trees are followed and lists are not", () => {
  const records = [{ a: 1, user: { id: 1 } }, { user: { id: 2, tags: ["x"] } }, {}];
  expect(commonPaths(records, 10)).toEqual(["user.id", "a"]);
  expect(commonPaths(records, 1)).toEqual(["user.id"]);
});

test("a record with very many attributes is bounded", () => {
  const wide = Object.fromEntries(Array.from({ length: 500 }, (_, n) => [`k${n}`, n]));
  expect(commonPaths([wide], 1_000)).toHaveLength(50);
});

test("a value is shown as it would be searched for", () => {
  expect([leafText("a b"), leafText(1.5), leafText(null), leafText(true)]).toEqual(["a b", "1.5", "null", "true"]);
});
