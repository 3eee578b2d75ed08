import { readFileSync } from "node:fs";

import { buildSchema, parse, validate } from "graphql";
import { expect, test } from "vitest";

import { EXAMPLES, examplesFor } from "./examples.ts";

const schema = buildSchema(readFileSync(new URL("../../../schema.graphql", import.meta.url), "utf8"));

test.each(EXAMPLES.map((example) => [example.title, example] as const))("%s fits the schema", (_, example) => {
  expect(validate(schema, parse(example.query))).toEqual([]);
  if (example.variables !== "") expect(JSON.parse(example.variables)).toBeTypeOf("object");
});

test("the lines of examples fit a narrow editor", () => {
  const comments = EXAMPLES.flatMap(({ query }) => query.split("\n")).filter((line) => line.startsWith("#"));
  expect(comments.filter((line) => line.length > 52)).toEqual([]);
});

test("nobody is shown what their role may not do", () => {
  expect(new Set(examplesFor("VIEWER").map(({ role }) => role))).toEqual(new Set(["VIEWER"]));
  expect(examplesFor("VIEWER").some(({ query }) => query.startsWith("mutation"))).toBe(false);
  expect(examplesFor("MEMBER").length).toBeGreaterThan(examplesFor("VIEWER").length);
  expect(examplesFor("ADMIN")).toEqual(EXAMPLES);
});

test("titles tell examples apart", () => {
  expect(new Set(EXAMPLES.map(({ title }) => title)).size).toBe(EXAMPLES.length);
});
