import { parse, print } from "graphql";
import type { Client, Sink } from "graphql-ws";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { resuming } from "./resuming.ts";

const TAIL = "subscription { tail(last: 5) { cursor } }";

/** A client that was asked, and answers as a test says. */
class FakeClient {
  asked = 0;
  cancelled = 0;
  sink: Sink | undefined;
  #request: unknown;

  readonly client = {
    subscribe: (request: unknown, sink: Sink) => {
      this.asked += 1;
      this.#request = request;
      this.sink = sink;
      return () => {
        this.cancelled += 1;
        sink.complete();
      };
    },
  } as unknown as Client;

  /** What it sends at this moment. */
  get query(): string {
    return print(parse(JSON.parse(JSON.stringify(this.#request)).query));
  }
}

let inner: FakeClient;
let seen: unknown[];
let cancel: () => void;
/** Somebody signs in, if that is waited for. */
let signIn: (() => void) | undefined;

function follow(query: string): void {
  const afterSignIn = (work: () => void) => {
    signIn = work;
    return () => {
      signIn = undefined;
    };
  };
  cancel = resuming(inner.client, afterSignIn).subscribe(
    { query },
    {
      next: (value) => seen.push(value),
      error: (error) => seen.push(error),
      complete: () => seen.push("complete"),
    },
  );
}

beforeEach(() => {
  vi.useFakeTimers();
  [inner, seen, signIn] = [new FakeClient(), [], undefined];
});

afterEach(() => {
  vi.useRealTimers();
});

test("on a new socket a tail goes on from the cursor of the last batch", () => {
  follow(TAIL);
  expect(inner.query).toBe(print(parse(TAIL)));
  inner.sink?.next({ data: { tail: { cursor: "c9" } } });
  expect(inner.query).toContain('tail(after: "c9")');
  expect(seen).toEqual([{ data: { tail: { cursor: "c9" } } }]);
});

test("a tail that the server ends without a reason is asked for again", () => {
  follow(TAIL);
  inner.sink?.next({ data: { tail: { cursor: "c9" } } });
  inner.sink?.complete();
  expect([inner.asked, seen.length]).toEqual([1, 1]);
  vi.advanceTimersByTime(1_000);
  expect(inner.asked).toBe(2);
  expect(inner.query).toContain('tail(after: "c9")');
});

test("a tail that ends with an error is over", () => {
  follow(TAIL);
  const failed = { data: { tail: null }, errors: [{ message: "no" }] } as never;
  inner.sink?.next(failed);
  inner.sink?.complete();
  vi.advanceTimersByTime(10_000);
  expect([inner.asked, seen]).toEqual([1, [failed, "complete"]]);
});

test("a tail that a session takes with it goes on when somebody signs in again", () => {
  follow(TAIL);
  inner.sink?.next({ data: { tail: { cursor: "c9" } } });
  inner.sink?.error({ code: 4403 });
  expect([inner.asked, seen.length]).toEqual([1, 1]);
  signIn?.();
  expect(inner.asked).toBe(2);
  expect(inner.query).toContain('tail(after: "c9")');
});

test("a tail that nobody wants any more does not wait for anybody to sign in", () => {
  follow(TAIL);
  inner.sink?.error({ code: 4403 });
  cancel();
  expect([signIn, seen]).toEqual([undefined, ["complete"]]);
});

test("a tail that nobody wants any more is over", () => {
  follow(TAIL);
  cancel();
  vi.advanceTimersByTime(10_000);
  expect([inner.asked, inner.cancelled, seen]).toEqual([1, 1, ["complete"]]);
});

test("a tail is not asked for again when nobody wants it any more meanwhile", () => {
  follow(TAIL);
  inner.sink?.complete();
  cancel();
  vi.advanceTimersByTime(10_000);
  expect([inner.asked, seen]).toEqual([1, ["complete"]]);
});

test("what is no tail ends when it ends", () => {
  follow("subscription { other }");
  inner.sink?.complete();
  vi.advanceTimersByTime(10_000);
  expect([inner.asked, seen]).toEqual([1, ["complete"]]);
});
