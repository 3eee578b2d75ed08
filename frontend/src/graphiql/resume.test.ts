import { parse, print } from "graphql";
import { expect, test } from "vitest";

import { batchNames, cursorIn, resumed } from "./resume.ts";

const same = (query: string) => print(parse(query));

test("a tail goes on after the cursor instead of where it began", () => {
  const operation = {
    query: "subscription ($last: Int, $filter: LogFilter) { tail(filter: $filter, last: $last) { logs { id } cursor } }",
    variables: { last: 10, filter: { text: "x" } },
  };
  expect(resumed(operation, "c1")).toEqual({
    ...operation,
    query: same('subscription ($filter: LogFilter) { tail(filter: $filter, after: "c1") { logs { id } cursor } }'),
  });
});

test("a cursor given by hand gives way to the newest", () => {
  const query = 'subscription { tail(after: "old") { cursor } }';
  expect(resumed({ query }, "new").query).toBe(same('subscription { tail(after: "new") { cursor } }'));
});

test("of several operations the one that runs is changed", () => {
  const query = "subscription A { tail(last: 1) { cursor } } subscription B { tail(last: 2) { cursor } }";
  expect(resumed({ query, operationName: "B" }, "c").query).toBe(
    same('subscription A { tail(last: 1) { cursor } } subscription B { tail(after: "c") { cursor } }'),
  );
});

test("the cursor is found under its aliases", () => {
  const names = batchNames({ query: "subscription { t: tail { logs { id } c: cursor } }" });
  if (names === undefined) throw new Error("it is a tail");
  expect(names).toEqual({ tail: "t", cursor: "c", logs: "logs" });
  expect(cursorIn({ t: { logs: [], c: "7" } }, names)).toBe("7");
  expect(cursorIn({ t: null }, names)).toBeUndefined();
  expect(cursorIn(null, names)).toBeUndefined();
});

test("a cursor that was not asked for is not there, and other operations are no tails", () => {
  const names = batchNames({ query: "subscription { tail { logs { id } } }" });
  expect(names && cursorIn({ tail: { logs: [] } }, names)).toBeUndefined();
  for (const query of ["{ tail { cursor } }", "subscription { other { cursor } }"]) {
    expect(batchNames({ query }), query).toBeUndefined();
  }
});
