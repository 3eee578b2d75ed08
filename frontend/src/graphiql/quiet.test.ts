import type { Client, FormattedExecutionResult, Sink } from "graphql-ws";
import { expect, test } from "vitest";

import { skippingEmpty } from "./quiet.ts";

/** What is shown of answers to an operation. */
function shown(query: string, answers: readonly unknown[]): unknown[] {
  const client = {
    subscribe: (_: unknown, sink: Sink) => {
      for (const answer of answers) sink.next(answer as FormattedExecutionResult<Record<string, unknown>>);
      return () => {};
    },
  } as unknown as Client;
  const seen: unknown[] = [];
  skippingEmpty(client).subscribe({ query }, { next: (value) => seen.push(value), error: () => {}, complete: () => {} });
  return seen;
}

const batch = (...logs: unknown[]) => ({ data: { t: { all: logs } } });

test("an empty batch does not wipe records off the screen", () => {
  const answers = [batch(), batch(), batch({ id: 1 }), batch(), batch({ id: 2 })];
  expect(shown("subscription { t: tail { all: logs { id } } }", answers)).toEqual([
    batch(),
    batch({ id: 1 }),
    batch({ id: 2 }),
  ]);
});

test("errors, and what holds no records, are shown as they come", () => {
  const failed = { data: { tail: null }, errors: [{ message: "no" }] };
  expect(shown("subscription { tail { logs { id } } }", [failed, failed])).toEqual([failed, failed]);
  const cursors = [{ data: { tail: { cursor: "1" } } }, { data: { tail: { cursor: "2" } } }];
  expect(shown("subscription { tail { cursor } }", cursors)).toEqual(cursors);
});
