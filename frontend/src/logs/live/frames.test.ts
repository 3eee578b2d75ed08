// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { eachFrame, type Frames } from "./frames.ts";

let handed: (readonly number[])[];
let frames: Frames<number>;

beforeEach(() => {
  vi.useFakeTimers({
    toFake: ["setTimeout", "clearTimeout", "requestAnimationFrame", "cancelAnimationFrame", "performance"],
  });
  handed = [];
  frames = eachFrame((items) => void handed.push(items));
});

afterEach(() => {
  frames.stop();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

function hide(hidden: boolean): void {
  vi.spyOn(document, "visibilityState", "get").mockReturnValue(hidden ? "hidden" : "visible");
  document.dispatchEvent(new Event("visibilitychange"));
}

test("what comes within a frame is handed on together, in its order", () => {
  for (const n of [1, 2, 3]) frames.add(n);
  expect(handed).toEqual([]);
  vi.advanceTimersByTime(16);
  frames.add(4);
  vi.advanceTimersByTime(16);
  expect(handed).toEqual([[1, 2, 3], [4]]);
});

test("nothing is handed on where nothing came", () => {
  frames.add(1);
  vi.advanceTimersByTime(1_000);
  expect(handed).toEqual([[1]]);
});

test("a page that nobody sees has no frames, and is told by the clock", () => {
  hide(true);
  frames.add(1);
  vi.advanceTimersByTime(500);
  expect(handed).toEqual([]);
  vi.advanceTimersByTime(500);
  expect(handed).toEqual([[1]]);
});

test("what waits for a frame when the page is hidden is not forgotten", () => {
  frames.add(1);
  hide(true);
  vi.advanceTimersByTime(1_000);
  expect(handed).toEqual([[1]]);
});

test("after a frame that took long there is a rest, and nothing is lost in it", () => {
  const now = vi.spyOn(performance, "now");
  now.mockReturnValue(0);
  frames.add(1);
  vi.advanceTimersByTime(16);
  // The next frame begins only 100 ms later.
  now.mockReturnValue(100);
  frames.add(2);
  vi.advanceTimersByTime(16);
  now.mockReturnValue(150);
  frames.add(3);
  vi.advanceTimersByTime(16);
  expect(handed).toEqual([[1]]);
  now.mockReturnValue(201);
  vi.advanceTimersByTime(16);
  expect(handed).toEqual([[1], [2, 3]]);
});

test("what is stopped hands on nothing more", () => {
  frames.add(1);
  frames.stop();
  vi.advanceTimersByTime(2_000);
  expect(handed).toEqual([]);
});
