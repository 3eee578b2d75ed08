/** What is being typed at the caret, and how a completion takes its place. */
import { quoted } from "../view/terms.ts";
import { isField, read, type Token } from "./tokens.ts";

/** The name of a field, or the value of one, that is being typed. */
export type Typing =
  | { readonly kind: "field"; readonly text: string; readonly start: number; readonly end: number }
  | { readonly kind: "value"; readonly field: string; readonly text: string; readonly start: number; readonly end: number };

/** What is being typed at a place of a query; `undefined` where nothing can be completed. */
export function typingAt(query: string, caret: number): Typing | undefined {
  const { tokens } = read(query);
  const index = tokens.findIndex(({ start, end }) => start < caret && caret <= end);
  const token = tokens[index];
  if (token === undefined || token.kind === "space" || token.kind === "bracket") {
    return { kind: "field", text: "", start: caret, end: caret };
  }
  const start = token.start;
  switch (token.kind) {
    case "text":
    case "unknown":
      return valueOrWord(query, tokens, index, caret);
    case "field":
      return { kind: "field", text: query.slice(start, caret), start, end: token.end };
    case "comparison":
      return value(query, tokens[index - 1], caret, caret, caret);
    case "negation":
      return { kind: "field", text: "", start: caret, end: caret };
    default:
      return undefined;
  }
}

function valueOrWord(query: string, tokens: readonly Token[], index: number, caret: number): Typing | undefined {
  const token = tokens[index];
  if (token === undefined) return undefined;
  const isValue = tokens[index - 1]?.kind === "comparison";
  if (isValue) return value(query, tokens[index - 2], token.start, token.end, caret);
  // A `-` alone will leave out what follows it.
  const start = query.slice(token.start, token.end) === "-" ? token.end : token.start;
  const text = query.slice(start, caret);
  return /^[\w.@-]*$/.test(text) ? { kind: "field", text, start, end: token.end } : undefined;
}

function value(query: string, field: Token | undefined, start: number, end: number, caret: number): Typing | undefined {
  if (field?.kind !== "field") return undefined;
  const text = query.slice(start, caret).replace(/^\*?"?/, "").replaceAll(/\\(.)/g, "$1");
  return { kind: "value", field: query.slice(field.start, field.end), text, start, end };
}

/** A query after a completion, and where the caret stands then. */
export function completed(query: string, typing: Typing, choice: string): { readonly query: string; readonly caret: number } {
  const isField = typing.kind === "field";
  const text = isField ? (choice.endsWith(".") ? choice : `${choice}:`) : quoted(choice);
  const after = query.slice(typing.end);
  const rest = isField ? after.replace(/^:/, "") : after === "" ? " " : after;
  const before = query.slice(0, typing.start) + text;
  return { query: before + rest, caret: before.length + (isField || !rest.startsWith(" ") ? 0 : 1) };
}

/** The choices that what is typed may become: those that begin with it first, then those that hold it. */
export function matching(choices: readonly string[], text: string): readonly string[] {
  const wanted = text.toLowerCase();
  const rank = (choice: string) => (choice.toLowerCase().startsWith(wanted) ? 0 : 1);
  return choices
    .filter((choice) => choice.toLowerCase().includes(wanted) && !(isField(choice) && choice === text))
    .toSorted((a, b) => rank(a) - rank(b));
}
