import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { onceSignedIn } from "./onceSignedIn.ts";
import type { State } from "./session.ts";

let state: State;
let listeners: Set<() => void>;
let done: number;

const session = {
  state: () => state,
  subscribe(listener: () => void) {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};

function become(kind: "signed-in" | "signed-out"): void {
  const user = { id: "1", username: "ada", displayName: "Ada", role: "ADMIN" } as const;
  state = kind === "signed-in" ? { kind, user } : { kind, expired: true };
  for (const listener of listeners) listener();
}

beforeEach(() => {
  vi.useFakeTimers();
  [listeners, done] = [new Set(), 0];
  become("signed-out");
});

afterEach(() => {
  vi.useRealTimers();
});

test("it waits until somebody signs in, and is done once", () => {
  onceSignedIn(session, () => done++);
  vi.advanceTimersByTime(60_000);
  expect(done).toBe(0);
  become("signed-in");
  become("signed-in");
  vi.advanceTimersByTime(60_000);
  expect([done, listeners.size]).toEqual([1, 0]);
});

test("where somebody is signed in already it waits a moment all the same", () => {
  become("signed-in");
  onceSignedIn(session, () => done++);
  expect(done).toBe(0);
  vi.advanceTimersByTime(1_000);
  expect(done).toBe(1);
});

test("what is called off is not done", () => {
  const callOff = onceSignedIn(session, () => done++);
  become("signed-in");
  callOff();
  vi.advanceTimersByTime(60_000);
  expect([done, listeners.size]).toEqual([0, 0]);
});
