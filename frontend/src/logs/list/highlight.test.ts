import { expect, test } from "vitest";

import { isHarmless } from "./cautious.ts";
import { finderFor, folded } from "./highlight.ts";

/** A text with what a query finds in brackets. */
function marked(query: string, text: string, field?: string): string {
  const stretches = finderFor(query, field)(text);
  return stretches.toReversed().reduce((shown, { start, end }) => `${shown.slice(0, start)}[${shown.slice(start, end)}]${shown.slice(end)}`, text);
}

test("words and phrases are marked wherever they are, in any case", () => {
  expect(marked("disk full", "Disk /dev/disk1 is FULL")).toBe("[Disk] /dev/[disk]1 is [FULL]");
  expect(marked('"is full"', "Disk is FULL")).toBe("Disk [is FULL]");
});

test("what is left out is not marked", () => {
  expect(marked("-disk NOT (full OR is)", "disk is full")).toBe("disk is full");
});

test("marks that touch or overlap become one", () => {
  expect(marked("abc bcd de", "xabcdex")).toBe("x[abcde]x");
});

test("only tests of the field are marked in it", () => {
  expect(marked("host:web web", "web web", "host")).toBe("web web");
  expect(marked("host:web", "web", "host")).toBe("[web]");
  expect(marked("host:web*", "web-1 web", "host")).toBe("[web]-1 web");
  expect(marked("host:*1", "1-1", "host")).toBe("1-[1]");
  expect(marked("message:web", "a web", "message")).toBe("a [web]");
  expect(marked("message:=web", "a web", "message")).toBe("a web");
});

test("case is folded as the server does, and marks stay in place", () => {
  expect(marked("größe", "Die GRÖSSE, die GRÖßE")).toBe("Die GRÖSSE, die [GRÖßE]");
  expect(marked("istanbul", "İstanbul \u{1f600} istanbul")).toBe("[İstanbul] \u{1f600} [istanbul]");
  expect(marked("σας", "ΣΑΣ σας")).toBe("ΣΑΣ [σας]");
  for (const text of ["ẞ İ ﬁ K Å \u{10400}", "plain"]) expect(folded(text)).toHaveLength(text.length);
});

test("regular expressions are marked where this page can run them", () => {
  expect(marked("/time[ds] out/", "timed out, Timed out")).toBe("[timed out], Timed out");
  expect(marked("/(?i)TIMED/", "timed out")).toBe("[timed] out");
  expect(marked("/\\d+\\.\\d+\\.\\d+\\.\\d+/", "from 10.0.0.1 port 22")).toBe("from [10.0.0.1] port 22");
  expect(marked("/(?P<a>x)/", "x")).toBe("x");
  expect(marked("/x*/", "axxb")).toBe("a[xx]b");
});

test("a pattern that could take for ever is not run", () => {
  for (const pattern of ["(a+)+$", "(a|aa)+$", "a*a*a*a*b", ".*.*.*x", "\\d+\\d+\\d+x", "(?=a)", "(a)\\1"]) {
    expect(isHarmless(pattern), pattern).toBe(false);
  }
  for (const pattern of ["time[ds] out", "\\d+ms", "a.*b", "^GET /api/[^/]+/orders", "(GET|POST) "]) {
    expect(isHarmless(pattern), pattern).toBe(true);
  }
});

test("a text full of matches is not marked without end", () => {
  expect(finderFor("a")("a ".repeat(10_000)).length).toBeLessThanOrEqual(200);
});
