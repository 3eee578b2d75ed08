import { expect, test } from "vitest";

import { ends, linesOf, logsOf, trimmed, withNewerPage, withOlderPage, type Page } from "./pages.ts";

/** The records of a page whose newest is `newest`. */
function page(newest: number, count = 3): Page<number> {
  const logs = Array.from({ length: count }, (_, n) => newest - n);
  return { logs, start: `c${newest}`, end: `c${newest - count + 1}`, older: newest - count > 0, newer: false };
}

test("pages grow at both ends", () => {
  const lines = withNewerPage(withOlderPage(linesOf(page(6)), page(3)), page(9));
  expect(logsOf(lines)).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1]);
  expect(ends(lines)).toEqual({ start: "c9", end: "c1" });
  expect(lines).toMatchObject({ newer: false, older: false });
});

test("an empty page changes nothing but what is beyond", () => {
  const empty: Page<number> = { logs: [], start: undefined, end: undefined, older: false, newer: false };
  expect(logsOf(withOlderPage(linesOf(page(6)), empty))).toEqual([6, 5, 4]);
  expect(ends(linesOf(empty))).toEqual({ start: undefined, end: undefined });
});

test("pages are bounded: the ones furthest away leave, and can be asked for again", () => {
  const down = trimmed(withOlderPage(withOlderPage(linesOf(page(9)), page(6)), page(3)), "older", 2);
  expect(logsOf(down)).toEqual([6, 5, 4, 3, 2, 1]);
  expect(down).toMatchObject({ newer: true, older: false });
  const up = trimmed(withNewerPage(down, page(9)), "newer", 2);
  expect(logsOf(up)).toEqual([9, 8, 7, 6, 5, 4]);
  expect(up).toMatchObject({ newer: false, older: true });
});
