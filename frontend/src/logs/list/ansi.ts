/** The colours that programs write for terminals, as classes of ours. */

/** A stretch of plain text in one style. */
export interface Styled {
  readonly text: string;
  /** Classes of ours, with spaces between; empty for the usual style. */
  readonly className: string;
}

interface Style {
  readonly foreground?: number | undefined;
  readonly background?: number | undefined;
  readonly bold?: boolean;
  readonly dim?: boolean;
  readonly italic?: boolean;
  readonly underline?: boolean;
}

/** "Select graphic rendition", and nothing else that an escape may ask of a terminal. */
const SGR = /\u001b\[([\d;:]*)m/g;

/** A text parted by its styles, without what switches them. */
export function styledText(text: string): readonly Styled[] {
  if (!text.includes("\u001b[")) return [{ text, className: "" }];
  const parts: Styled[] = [];
  let style: Style = {};
  let at = 0;
  const push = (end: number) => end > at && parts.push({ text: text.slice(at, end), className: classesOf(style) });
  for (const match of text.matchAll(SGR)) {
    push(match.index);
    at = match.index + match[0].length;
    style = changed(style, (match[1] ?? "").split(/[;:]/).map(Number));
  }
  push(text.length);
  return parts;
}

function changed(style: Style, codes: readonly number[]): Style {
  let next = style;
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at] ?? 0;
    if (code === 38 || code === 48) {
      const { colour, length } = extended(codes.slice(at + 1));
      next = { ...next, [code === 38 ? "foreground" : "background"]: colour };
      at += length;
    } else {
      next = simple(next, code);
    }
  }
  return next;
}

function simple(style: Style, code: number): Style {
  if (code === 0) return {};
  if (code === 1) return { ...style, bold: true };
  if (code === 2) return { ...style, dim: true };
  if (code === 3) return { ...style, italic: true };
  if (code === 4) return { ...style, underline: true };
  if (code === 22) return { ...style, bold: false, dim: false };
  if (code === 23) return { ...style, italic: false };
  if (code === 24) return { ...style, underline: false };
  if (code >= 30 && code <= 37) return { ...style, foreground: code - 30 };
  if (code === 39) return { ...style, foreground: undefined };
  if (code >= 40 && code <= 47) return { ...style, background: code - 40 };
  if (code === 49) return { ...style, background: undefined };
  if (code >= 90 && code <= 97) return { ...style, foreground: code - 82 };
  if (code >= 100 && code <= 107) return { ...style, background: code - 92 };
  return style;
}

/** The colour after a 38 or 48 as one of the sixteen that have a class, and how many codes name it. */
function extended([kind, ...codes]: readonly number[]): { readonly colour: number | undefined; readonly length: number } {
  if (kind === 5) return { colour: ofPalette(codes[0] ?? 0), length: 2 };
  if (kind === 2) return { colour: nearest(codes[0] ?? 0, codes[1] ?? 0, codes[2] ?? 0), length: 4 };
  return { colour: undefined, length: 1 };
}

function ofPalette(index: number): number {
  if (index < 16) return index;
  if (index >= 232) return index < 244 ? 8 : 7;
  const step = (n: number) => (n === 0 ? 0 : 55 + 40 * n);
  const cube = index - 16;
  return nearest(step(Math.floor(cube / 36)), step(Math.floor(cube / 6) % 6), step(cube % 6));
}

function nearest(red: number, green: number, blue: number): number {
  const most = Math.max(red, green, blue);
  if (most < 48) return 0;
  const bit = (part: number) => (part > most / 2 ? 1 : 0);
  return bit(red) + 2 * bit(green) + 4 * bit(blue) + (most > 192 ? 8 : 0);
}

function classesOf({ foreground, background, bold, dim, italic, underline }: Style): string {
  return [
    foreground !== undefined && `ansi-${foreground}`,
    background !== undefined && `ansi-on-${background}`,
    bold && "ansi-bold",
    dim && "ansi-dim",
    italic && "ansi-italic",
    underline && "ansi-underline",
  ].filter(Boolean).join(" ");
}
