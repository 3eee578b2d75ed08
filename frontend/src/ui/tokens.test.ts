import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const css = readFileSync(new URL("tokens.css", import.meta.url), "utf8");

/** The two values of each colour, in the light and in the dark theme. */
const colours = new Map(
  [...css.matchAll(/--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)/g)].map(([, name = "", light = "", dark = ""]) => [
    name,
    { light, dark },
  ]),
);

const GROUNDS = ["ground", "surface", "sunken", "raised", "hover", "selected"];
const SEVERITIES = ["emergency", "alert", "critical", "error", "warning", "notice", "info", "debug", "none"].map(
  (name) => `severity-${name}`,
);
const FILLS = SEVERITIES.map((name) => `${name}-fill`);

/** The contrast of two colours by WCAG 2: from 1 to 21. */
function contrast(one: string, other: string): number {
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].toSorted((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function tooFaint(pairs: readonly (readonly [string, string])[], least: number): string[] {
  return pairs.flatMap(([name, ground]) =>
    (["light", "dark"] as const)
      .map((theme) => ({ theme, found: contrast(colours.get(name)![theme], colours.get(ground)![theme]) }))
      .filter(({ found }) => found < least)
      .map(({ theme, found }) => `${name} on ${ground} (${theme}): ${found.toFixed(2)}`),
  );
}

const each = (names: readonly string[], grounds: readonly string[]) =>
  names.flatMap((name) => grounds.map((ground) => [name, ground] as const));

test("text can be read on every ground, in both themes", () => {
  const texts = ["text", "text-soft", "accent", ...SEVERITIES];
  expect(tooFaint(each(texts, GROUNDS), 4.5)).toEqual([]);
});

test("what stands on a coloured ground can be read", () => {
  const pairs = [
    ["on-accent", "accent"], ["on-accent", "accent-strong"], ["on-mark", "mark"], ["text", "info-ground"],
    ...["error", "warning", "success"].flatMap((name) => [[name, `${name}-ground`], ["text", `${name}-ground`]]),
  ] as [string, string][];
  expect(tooFaint(pairs, 4.5)).toEqual([]);
});

test("bars and the edges of controls can be seen", () => {
  expect(tooFaint(each(FILLS, ["surface"]), 3)).toEqual([]);
  expect(tooFaint(each(["line-strong"], ["surface", "ground"]), 3)).toEqual([]);
});
