import { expect, test } from "vitest";

import { randomFrom } from "../view/random.ts";
import { finderFor } from "./highlight.ts";
import { piecesOf } from "./pieces.ts";

function shown(text: string, options: Partial<Parameters<typeof piecesOf>[1]> = {}) {
  return piecesOf(text, { most: 10_000, oneLine: true, ...options });
}

/** The text that stands on the page. */
function page(text: string): string {
  return shown(text).pieces.map((piece) => piece.text).join("");
}

test("plain text is one piece", () => {
  expect(shown("<script>alert(1)</script>").pieces).toEqual([{ text: "<script>alert(1)</script>", className: "", marked: false }]);
});

test("the colours of terminals become classes", () => {
  const { pieces } = shown("\u001b[1;31merror\u001b[0m done \u001b[38;5;196mred\u001b[39m\u001b[48;2;0;0;200mblue");
  expect(pieces.map(({ text, className }) => [text, className])).toEqual([
    ["error", "ansi-1 ansi-bold"], [" done ", ""], ["red", "ansi-9"], ["blue", "ansi-on-12"],
  ]);
});

test("any other escape is shown, not obeyed", () => {
  expect(page("\u001b]8;;http://evil\u0007x\u001b[2J")).toBe("^[]8;;http://evil^Gx^[[2J");
});

test("what turns the direction of text is a sign", () => {
  expect(page("user\u202egnp.exe")).toBe("userU+202Egnp.exe");
  expect(page("a\u2066b\u2069c\u200bd\ufeff")).toBe("aU+2066bU+2069cU+200BdU+FEFF");
});

test("a line break is a sign where there is one line, and itself where there are many", () => {
  expect(page("a\nb\tc")).toBe("a↵b\tc");
  expect(shown("a\nb", { oneLine: false }).pieces).toHaveLength(1);
});

test("letters of every script, and joined emoji, stay as they are", () => {
  for (const text of ["日本語", "עברית", "العربية", "👩\u200d👩\u200d👧", "नमस्ते"]) expect(page(text)).toBe(text);
});

test("marks go through colours", () => {
  const { pieces } = shown("a\u001b[31mb\u001b[0mc", { find: finderFor("abc") });
  expect(pieces.map(({ text, marked }) => [text, marked])).toEqual([["a", true], ["b", true], ["c", true]]);
});

test("a long text shows its beginning and says how much it hides", () => {
  const { pieces, hidden } = shown("x".repeat(262_144), { most: 1_000 });
  expect(pieces[0]?.text).toHaveLength(1_000);
  expect(hidden).toBe(261_144);
});

test("a text is never cut inside a character", () => {
  const { pieces, hidden } = shown("ab\u{1f600}", { most: 3 });
  expect(pieces[0]?.text).toBe("ab");
  expect(hidden).toBe(2);
});

test("nothing of a text is lost, whatever is in it", () => {
  const random = randomFrom(5);
  const bits = ["a", " ", "error", "\u001b[31m", "\u001b[0m", "\u202e", "\u0000", "é", "\u{1f600}", "\n"];
  for (let round = 0; round < 500; round++) {
    const text = Array.from({ length: Math.floor(random() * 12) }, () => bits[Math.floor(random() * bits.length)]).join("");
    const { pieces } = shown(text, { find: finderFor("error a"), oneLine: false });
    const plain = pieces.filter(({ title }) => title === undefined).map((piece) => piece.text).join("");
    expect(plain).toBe(text.replaceAll(/\u001b\[\d*m|[\u202e\u0000]/g, ""));
    expect(pieces.every((piece) => piece.text !== "")).toBe(true);
  }
});
