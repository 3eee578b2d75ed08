/** Regular expressions in the page. The server's run in linear time; a browser's may take for ever, on a pattern that
 * came with a link or a text that came with a log. Only those that cannot are used; without them, the page marks less. */
import type { Finder, Stretch } from "./highlight.ts";

/** Only so much of a text is looked at, in UTF-16 units. */
const LOOKED_AT = 2_048;
/** Repetitions that may compete for the same characters. With two, time grows with the cube of the length. */
const MOST_COMPETING = 1;

/** A finder for a pattern of the server's, where this page can run it safely. */
export function cautious(pattern: string, most: number): Finder | undefined {
  const [, letters = "", rest = pattern] = /^\(\?([ims]+)\)([^]*)$/.exec(pattern) ?? [];
  if (!isHarmless(rest)) return undefined;
  const flags = `gu${[...new Set(letters)].join("")}`;
  let expression: RegExp;
  try {
    expression = new RegExp(rest, flags);
  } catch {
    return undefined;
  }
  return (text) => {
    const found: Stretch[] = [];
    for (const match of text.slice(0, LOOKED_AT).matchAll(expression)) {
      if (match[0] !== "") found.push({ start: match.index, end: match.index + match[0].length });
      if (found.length === most) break;
    }
    return found;
  };
}

/** One part of a pattern with its repetition: an escape, a class, a bracket, or a character. */
const PART = /(\\[^]|\[(?:\\[^]|[^\]\\])*\]|[^])(\*|\+|\?|\{\d*(?:,\d*)?\})?\??/gu;

/** Whether a pattern takes no longer than a multiple of the text's length, near enough: no group is repeated, and
 * repetitions end at a character that they cannot take themselves. */
export function isHarmless(pattern: string): boolean {
  if (/\\[1-9k]|\(\?[=!<]/.test(pattern)) return false;
  let competing = 0;
  const parts = [...pattern.matchAll(PART)];
  for (const [index, [, atom = "", repetition = ""]] of parts.entries()) {
    if (repetition === "" || repetition === "?") continue;
    if (atom === ")") return false;
    const next = parts[index + 1];
    if (next === undefined || next[2] || !isPlain(next[1] ?? "") || takes(atom, next[1] ?? "")) competing++;
  }
  return competing <= MOST_COMPETING;
}

/** Whether a part stands for one character, itself. */
function isPlain(atom: string): boolean {
  return /^(\\[^\p{L}\p{N}]|[^\\[\](){}.*+?|^$])$/u.test(atom);
}

/** Whether an atom accepts a plain character. */
function takes(atom: string, plain: string): boolean {
  try {
    return new RegExp(`^${atom}$`, "iu").test(plain.replace(/^\\/, ""));
  } catch {
    return true;
  }
}
