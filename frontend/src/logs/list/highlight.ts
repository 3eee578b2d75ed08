/** Which parts of a text a query finds: what the server matched, marked for the eye. */
import { read, type Term } from "../search/tokens.ts";
import { cautious } from "./cautious.ts";

/** A stretch of a text, in UTF-16 units. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** Finds the stretches of a text that are to be marked, in order and apart from each other. */
export type Finder = (text: string) => readonly Stretch[];

/** Marks in one text, at most. */
const MOST = 200;

const NOTHING: Finder = () => [];

/** What to mark in a field for a query. */
export function finderFor(query: string, field = "message"): Finder {
  const wanted = read(query).terms.filter((term) => !term.negated && (term.field ?? "message").toLowerCase() === field);
  const finders = wanted.map(finderOf).filter((finder) => finder !== undefined);
  if (finders.length === 0) return NOTHING;
  return (text) => merged(finders.flatMap((find) => find(text)));
}

function finderOf({ operator, value, field }: Term): Finder | undefined {
  if (/[<>]/.test(operator) || value.kind === "anything") return undefined;
  if (value.kind === "regex") return cautious(value.pattern, MOST);
  const needle = folded(value.text);
  if (needle === "") return undefined;
  const open = { start: value.openStart, end: value.openEnd };
  // A word is looked for anywhere, as is a text in the message.
  const anywhere = field === undefined || (operator === ":" && !open.start && !open.end && field === "message");
  return (text) => {
    const all = occurrences(folded(text), needle);
    if (anywhere) return all;
    return all.filter(({ start, end }) => (open.start || start === 0) && (open.end || end === text.length));
  };
}

function occurrences(text: string, needle: string): readonly Stretch[] {
  const found: Stretch[] = [];
  let at = text.indexOf(needle);
  while (at !== -1 && found.length < MOST) {
    found.push({ start: at, end: at + needle.length });
    at = text.indexOf(needle, at + needle.length);
  }
  return found;
}

function merged(stretches: readonly Stretch[]): readonly Stretch[] {
  const result: Stretch[] = [];
  for (const stretch of stretches.toSorted((a, b) => a.start - b.start)) {
    const last = result.at(-1);
    if (last === undefined || stretch.start > last.end) result.push(stretch);
    else result[result.length - 1] = { start: last.start, end: Math.max(last.end, stretch.end) };
  }
  return result.slice(0, MOST);
}

/** A text as the server compares it: every character in simple lower case, so that its places stay what they are. */
export function folded(text: string): string {
  return /^[\x00-\x7f]*$/.test(text) ? text.toLowerCase() : Array.from(text, foldedCharacter).join("");
}

function foldedCharacter(character: string): string {
  const lower = String.fromCodePoint(character.toLowerCase().codePointAt(0) ?? 0);
  return lower.length === character.length ? lower : character;
}
