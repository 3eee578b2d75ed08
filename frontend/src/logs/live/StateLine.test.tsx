// @vitest-environment happy-dom
import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";

import type { Line } from "../documents.ts";
import { emptyBuffer } from "./buffer.ts";
import { noDelay } from "./delay.ts";
import { StateLine } from "./StateLine.tsx";
import type { LiveTail } from "./useLiveTail.ts";

const TAIL: LiveTail = {
  buffer: { ...emptyBuffer<Line>(10), caughtUp: true, received: 1_234 },
  connection: "open", cutAt: undefined, delay: noDelay, problem: undefined, loadingOlder: false,
  pause: () => {}, resume: () => {}, loadOlder: () => {},
};

/** What the line says of a tail. */
function words(change: Partial<LiveTail>, buffer: Partial<LiveTail["buffer"]> = {}): string {
  cleanup();
  const { container } = render(<StateLine tail={{ ...TAIL, ...change, buffer: { ...TAIL.buffer, ...buffer } }} />);
  return container.innerText ?? container.textContent ?? "";
}

afterEach(cleanup);

test("it says how it stands with the tail, whatever that is", () => {
  const late = { least: 0, behind: 5_000, at: Date.now(), caughtUp: false };
  expect(words({})).toBe("Live1,234 records");
  expect(words({ delay: late })).toBe("Catching up5 s behind");
  expect(words({}, { caughtUp: false })).toBe("Catching up");
  expect(words({ connection: "connecting" })).toBe("Starting…");
  expect(words({ connection: "cut", cutAt: Date.now() - 12_000 })).toBe("Reconnecting…no connection for 12 s; it goes on where it was");
  expect(words({ connection: "out" })).toBe("Signed out");
  expect(words({ connection: "over", problem: "You may not." })).toBe("StoppedYou may not.");
});

test("a cut is said also while somebody reads", () => {
  expect(words({ connection: "cut" }, { paused: true })).toContain("Reconnecting…");
});

test("a pause counts what is new, and a click returns to it", async () => {
  const resume = vi.fn();
  expect(words({ resume }, { paused: true, news: 312 })).toBe("Paused312 new ↓");
  await userEvent.click(screen.getByRole("button", { name: /312 new/ }));
  expect(resume).toHaveBeenCalledOnce();
});

test("only what changes is said to screen readers, not every count", () => {
  words({});
  expect(screen.getByRole("status").textContent).toBe("Live");
});
