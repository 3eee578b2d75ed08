/** A text from the wild as pieces that a page can show: in its colours, with what was searched for marked, and with
 * everything that would be invisible, or change how the rest reads, as a sign that can be seen. */
import { styledText } from "./ansi.ts";
import type { Finder } from "./highlight.ts";

export interface Piece {
  readonly text: string;
  /** Classes of ours, with spaces between. */
  readonly className: string;
  readonly marked: boolean;
  /** What a sign stands for, in words. */
  readonly title?: string;
}

export interface Shown {
  readonly pieces: readonly Piece[];
  /** How much of the text is left out, in UTF-16 units. */
  readonly hidden: number;
}

interface Options {
  readonly find?: Finder;
  /** Only so much of the text is shown, in UTF-16 units. */
  readonly most: number;
  /** Whether a line break is a sign. */
  readonly oneLine: boolean;
}

/** Control characters but tab and line feed; what steers the direction of text, breaks lines, or has no width. */
const UNSEEN =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/g;
const UNSEEN_OR_BREAK = new RegExp(`\n|${UNSEEN.source}`, "g");

/** The pieces of a text. */
export function piecesOf(text: string, { find, most, oneLine }: Options): Shown {
  const beginning = cut(text, most);
  const styled = styledText(beginning);
  const plain = styled.map((part) => part.text).join("");
  const marks = find?.(plain) ?? [];
  const pieces: Piece[] = [];
  let start = 0;
  for (const part of styled) {
    const end = start + part.text.length;
    let at = start;
    for (const mark of marks) {
      if (mark.end <= at || mark.start >= end) continue;
      const from = Math.max(mark.start, at);
      const to = Math.min(mark.end, end);
      pushSeen(pieces, { text: plain.slice(at, from), className: part.className, marked: false }, oneLine);
      pushSeen(pieces, { text: plain.slice(from, to), className: part.className, marked: true }, oneLine);
      at = to;
    }
    pushSeen(pieces, { text: plain.slice(at, end), className: part.className, marked: false }, oneLine);
    start = end;
  }
  return { pieces, hidden: text.length - beginning.length };
}

/** The beginning of a text, without half a character at its end. */
function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  return text.slice(0, most).replace(/[\ud800-\udbff]$/, "");
}

/** Adds a piece, parted where it holds what cannot be seen. */
function pushSeen(pieces: Piece[], piece: Piece, oneLine: boolean): void {
  if (piece.text === "") return;
  let at = 0;
  for (const { 0: character, index } of piece.text.matchAll(oneLine ? UNSEEN_OR_BREAK : UNSEEN)) {
    if (index > at) pieces.push({ ...piece, text: piece.text.slice(at, index) });
    pieces.push({ ...piece, ...signOf(character), className: joined(piece.className, "sign") });
    at = index + character.length;
  }
  if (at < piece.text.length) pieces.push({ ...piece, text: piece.text.slice(at) });
}

function signOf(character: string): { readonly text: string; readonly title: string } {
  const code = character.charCodeAt(0);
  const name = `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
  if (character === "\n") return { text: "↵", title: "line break" };
  // As terminals write them: ^[ is an escape, ^? a delete.
  if (code < 0x20 || code === 0x7f) return { text: `^${String.fromCharCode(code ^ 0x40)}`, title: `control character ${name}` };
  return { text: name, title: `invisible character ${name}` };
}

function joined(...classes: readonly string[]): string {
  return classes.filter((name) => name !== "").join(" ");
}
