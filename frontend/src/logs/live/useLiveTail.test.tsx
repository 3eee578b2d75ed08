// @vitest-environment happy-dom
import { act, cleanup, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import type { Line } from "../documents.ts";
import { useLiveTail } from "./useLiveTail.ts";

interface Sink {
  next(value: unknown): void;
  error(error: unknown): void;
  complete(): void;
}

/** A subscription that was opened. */
interface Opened {
  readonly variables: () => Readonly<Record<string, unknown>>;
  readonly sink: Sink;
  closed: boolean;
}

const server = vi.hoisted(() => ({
  opened: [] as Opened[],
  onClosed: new Set<() => void>(),
  sessionKind: "signed-in",
  onSession: new Set<() => void>(),
}));

vi.mock("../../graphql/socket.ts", () => ({
  subscribe(_document: unknown, variables: Opened["variables"], sink: Sink) {
    const opened = { variables, sink, closed: false };
    server.opened.push(opened);
    return () => {
      opened.closed = true;
    };
  },
  socket: () => ({
    on(_event: string, listener: () => void) {
      server.onClosed.add(listener);
      return () => server.onClosed.delete(listener);
    },
  }),
}));

vi.mock("../../session/index.ts", () => ({
  session: {
    state: () => ({ kind: server.sessionKind }),
    subscribe(listener: () => void) {
      server.onSession.add(listener);
      return () => server.onSession.delete(listener);
    },
  },
}));

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "requestAnimationFrame", "cancelAnimationFrame", "Date"] });
  server.opened = [];
  server.sessionKind = "signed-in";
});

afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

function line(id: number): Line {
  const at = new Date().toISOString();
  return {
    id: String(id), timestamp: at, receivedAt: at, severity: "INFO", facility: null, host: null, app: null, procId: null,
    msgId: null, message: `line ${id}`, attributes: {}, source: { id: "1", address: "127.0.0.1" },
  };
}

function last(): Opened {
  const opened = server.opened.at(-1);
  if (opened === undefined) throw new Error("nothing was subscribed to");
  return opened;
}

/** Lets a batch arrive, and the next frame be painted. */
function arrive(...ids: readonly number[]): void {
  const cursor = `c${ids.at(-1) ?? 0}`;
  act(() => last().sink.next({ data: { tail: { logs: ids.map(line), cursor, caughtUp: true, lostBefore: null } } }));
  act(() => void vi.advanceTimersByTime(20));
}

function follow(filter: object | undefined = {}) {
  return renderHook(({ filter }) => useLiveTail(filter), { initialProps: { filter } });
}

function shown(tail: ReturnType<typeof follow>): readonly string[] {
  return tail.result.current.buffer.rows.flatMap((row) => (row.kind === "log" ? [row.log.id] : []));
}

test("it begins with the newest records, and shows what comes", () => {
  const tail = follow({ query: "x" });
  expect(last().variables()).toEqual({ filter: { query: "x" }, last: 500 });
  expect(tail.result.current.connection).toBe("connecting");
  arrive(1, 2);
  expect(shown(tail)).toEqual(["1", "2"]);
  expect(tail.result.current.connection).toBe("open");
});

test("what comes between two frames is painted at once", () => {
  const tail = follow();
  act(() => {
    for (const id of [1, 2, 3]) last().sink.next({ data: { tail: { logs: [line(id)], cursor: `c${id}`, caughtUp: true } } });
  });
  expect(shown(tail)).toEqual([]);
  act(() => void vi.advanceTimersByTime(20));
  expect(shown(tail)).toEqual(["1", "2", "3"]);
});

test("a new socket goes on from the last cursor", () => {
  const tail = follow();
  arrive(1, 2);
  act(() => server.onClosed.forEach((listener) => listener()));
  expect(tail.result.current.connection).toBe("cut");
  // The socket sends the same subscription again, with the variables of that moment.
  expect(last().variables()).toEqual({ filter: {}, after: "c2" });
  arrive(2, 3);
  expect(shown(tail)).toEqual(["1", "2", "3"]);
  expect(tail.result.current.connection).toBe("open");
});

test("a tail that the server ends is asked for again, from the last cursor", () => {
  const tail = follow();
  arrive(1);
  act(() => last().sink.complete());
  expect(tail.result.current.connection).toBe("cut");
  act(() => void vi.advanceTimersByTime(1_000));
  expect(server.opened).toHaveLength(2);
  expect(last().variables()).toEqual({ filter: {}, after: "c1" });
});

test("when the session ends it waits, and goes on where it was once somebody signs in again", () => {
  const tail = follow();
  arrive(1);
  server.sessionKind = "signed-out";
  act(() => last().sink.error(new Error("closed")));
  expect(tail.result.current.connection).toBe("out");
  act(() => void vi.advanceTimersByTime(10_000));
  expect(server.opened).toHaveLength(1);
  server.sessionKind = "signed-in";
  act(() => server.onSession.forEach((listener) => listener()));
  act(() => void vi.advanceTimersByTime(1_000));
  expect(last().variables()).toEqual({ filter: {}, after: "c1" });
  arrive(2);
  expect(shown(tail)).toEqual(["1", "2"]);
});

test("another filter begins anew, and what is still on its way of the old one is not shown", () => {
  const tail = follow({ query: "x" });
  arrive(1);
  const before = last();
  tail.rerender({ filter: { query: "y" } });
  expect(before.closed).toBe(true);
  expect(shown(tail)).toEqual([]);
  expect(last().variables()).toEqual({ filter: { query: "y" }, last: 500 });
  arrive(7);
  expect(shown(tail)).toEqual(["7"]);
});

test("a query that cannot be understood ends it", () => {
  const tail = follow({ query: "hots:a" });
  const extensions = { code: "BAD_USER_INPUT", argument: "filter.query", column: 1 };
  act(() => last().sink.next({ data: null, errors: [{ message: "unknown field", extensions }] }));
  act(() => last().sink.complete());
  act(() => void vi.advanceTimersByTime(10_000));
  expect(server.opened).toHaveLength(1);
  expect(tail.result.current.connection).toBe("over");
});

test("a cursor of a log that is no more is given up: it begins with the newest records of the one there is", () => {
  const tail = follow();
  arrive(1, 2, 3);
  const extensions = { code: "BAD_USER_INPUT", argument: "after" };
  act(() => last().sink.next({ data: null, errors: [{ message: "another database", extensions }] }));
  act(() => last().sink.complete());
  act(() => void vi.advanceTimersByTime(1_000));
  expect(last().variables()).toEqual({ filter: {}, last: 500 });
  arrive(1);
  expect(shown(tail)).toEqual(["1"]);
});

test("nothing is followed without a filter, and nothing stays open", () => {
  const tail = renderHook(({ filter }: { filter: object | undefined }) => useLiveTail(filter), { initialProps: { filter: undefined as object | undefined } });
  expect(server.opened).toHaveLength(0);
  tail.rerender({ filter: {} });
  tail.unmount();
  expect(last().closed).toBe(true);
  expect(server.onClosed.size).toBe(0);
});
