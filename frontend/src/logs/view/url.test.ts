import { expect, test } from "vitest";

import { PRESETS, type Range } from "../time/range.ts";
import { randomFrom } from "./random.ts";
import { linkTo, readView, writeView } from "./url.ts";
import { DEFAULT, LEVELS, type View } from "./view.ts";

/** Texts that addresses, lists and languages are easily broken by. */
const TEXTS = ["web-1", "a b", "a,b", "a&b=c", "100%", "%41", "+", "ä/ö?", "日本", "\"q\"", "#x", "\u202eevil", "attributes.user.id"];

function someView(random: () => number): View {
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item;
  const some = <Item>(items: readonly Item[]) => items.filter(() => random() < 0.3);
  const maybe = () => random() < 0.5;
  const from = Math.floor(random() * 2e12);
  const time = pick<Range>([
    { kind: "all" }, { kind: "last", length: pick(PRESETS) }, { kind: "between", from, to: from + 1 + Math.floor(random() * 1e9) },
  ]);
  return {
    query: maybe() ? some(TEXTS).join(" ") : "", time, levels: some(LEVELS), hosts: some(TEXTS), apps: some(TEXTS),
    live: maybe(), order: pick(["newest", "oldest"]),
    columns: maybe() ? some(TEXTS).slice(0, 12) : DEFAULT.columns, wrap: maybe(), clock: pick(["local", "utc"]),
    fields: maybe() ? some(TEXTS).slice(0, 10) : DEFAULT.fields, record: maybe() ? "42" : undefined,
  };
}

test("every view comes back from its address", () => {
  const random = randomFrom(1);
  for (let round = 0; round < 300; round++) {
    const view = someView(random);
    expect(readView(writeView(view))).toEqual(view);
    expect(readView(new URL(linkTo(view), "http://logs.example").search)).toEqual(view);
  }
});

test("every address is a view, and that view has an address of its own", () => {
  const random = randomFrom(2);
  const names = ["q", "t", "level", "host", "app", "live", "order", "column", "wrap", "clock", "field", "record", "odd"];
  for (let round = 0; round < 300; round++) {
    const part = () => `${names[Math.floor(random() * names.length)]}=${TEXTS[Math.floor(random() * TEXTS.length)]}`;
    const view = readView(Array.from({ length: 6 }, part).join("&"));
    expect(readView(writeView(view))).toEqual(view);
  }
});

test("the default view has no address", () => {
  expect(writeView(DEFAULT)).toBe("");
  expect(linkTo({})).toBe("/");
  expect(readView("")).toEqual(DEFAULT);
});

test("an address that nobody understands does no harm", () => {
  expect(readView("?t=yesterday&level=LOUD&live=yes&order=up&record=-1&clock=moon&odd=1")).toEqual(DEFAULT);
});

test("no columns are other than the usual ones", () => {
  expect(readView(writeView({ ...DEFAULT, columns: [] })).columns).toEqual([]);
});

test("an address is something to read", () => {
  const view: View = { ...DEFAULT, query: "timeout", levels: ["ERROR", "CRITICAL"], hosts: ["web-1"], live: true };
  expect(writeView(view)).toBe("q=timeout&level=error%2Ccritical&host=web-1&live=1");
});
