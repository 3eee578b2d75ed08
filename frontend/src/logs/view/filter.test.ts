import { expect, test } from "vitest";

import { beforeId, conditionsOf, filterOf } from "./filter.ts";
import { DEFAULT } from "./view.ts";

test("a view that asks for everything is an empty filter", () => {
  expect(filterOf(DEFAULT, {})).toEqual({});
});

test("a filter has all that a view asks for", () => {
  const view = { ...DEFAULT, query: "timeout", levels: ["ERROR"], hosts: ["a"], apps: ["b"] } as const;
  expect(filterOf(view, { from: 0, to: 1_500 })).toEqual({
    query: "timeout", severities: ["ERROR"], hosts: ["a"], apps: ["b"],
    from: "1970-01-01T00:00:00Z", to: "1970-01-01T00:00:01.500Z",
  });
  expect(conditionsOf(view)).not.toHaveProperty("from");
});

test("older records are asked for by position, whatever the query is", () => {
  expect(beforeId({}, "7").query).toBe("id<7");
  expect(beforeId({ query: "a OR b" }, "7").query).toBe("(a OR b) id<7");
});
