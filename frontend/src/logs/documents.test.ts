import { buildSchema, parse, validate } from "graphql";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { EXPLORE, OVERVIEW, TAIL, withTops } from "./documents.ts";
import { graphiqlLink } from "./graphiqlLink.ts";
import { questionOf } from "./question.ts";
import { DEFAULT, MOST_FIELDS } from "./view/view.ts";

const SCHEMA = buildSchema(readFileSync(join(import.meta.dirname, "../../../schema.graphql"), "utf8"));

/** What is wrong with an operation. */
function faults(operation: unknown): readonly string[] {
  return validate(SCHEMA, parse(String(operation))).map(({ message }) => message);
}

test("an operation that counts values, too, is one of the schema, whatever the fields are called", () => {
  const fields = ["host", "attributes.user.id", 'attributes."odd" \\ {name}', "attributes.größe"];
  expect(faults(withTops(EXPLORE, fields, "filter"))).toEqual([]);
  expect(faults(withTops(OVERVIEW, fields, "counted"))).toEqual([]);
  expect(faults(withTops(EXPLORE, [], "filter"))).toEqual([]);
});

test("an operation has no more fields at its root than the server answers", () => {
  // The lines, the counts, and the values of each field.
  expect(2 + MOST_FIELDS).toBeLessThanOrEqual(20);
});

test("GraphiQL gets the operation and the variables, indented to be read", () => {
  const { variables } = questionOf({ ...DEFAULT, query: 'a & "b"' }, Date.parse("2026-01-02T03:04:05Z"));
  const link = graphiqlLink(withTops(EXPLORE, ["host"], "filter"), variables);
  const parts = new URLSearchParams(new URL(link, "http://logs.example").hash.slice(1));
  const query = parts.get("query") ?? "";
  expect(faults(query)).toEqual([]);
  expect(query.split("\n").slice(0, 6)).toEqual([
    "query Explore($filter: LogFilter, $counted: LogFilter, $buckets: Int, $first: Int, $last: Int, $orderBy: LogOrder) {",
    "  logs(filter: $filter, first: $first, last: $last, orderBy: $orderBy) { ...LinePage }",
    "  histogram(filter: $counted, buckets: $buckets, by: SEVERITY) { start key count }",
    '  top0: top(filter: $filter, field: "host", first: 10) { value count }',
    "}",
    "",
  ]);
  expect(JSON.parse(parts.get("variables") ?? "")).toEqual(variables);
  expect(faults(new URLSearchParams(graphiqlLink(TAIL, {}).split("#")[1]).get("query"))).toEqual([]);
});
