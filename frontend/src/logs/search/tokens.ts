/** The search language cut into tokens, as the server cuts it (`src/filter/language`), but forgiving: what the server
 * would refuse is a token, too, so that a query can be coloured while it is typed. */

export type TokenKind = "space" | "bracket" | "operator" | "negation" | "field" | "comparison" | "text" | "regex" | "unknown";

export interface Token {
  readonly kind: TokenKind;
  /** Its place in the query, in UTF-16 units. */
  readonly start: number;
  readonly end: number;
}

/** A test of the query: a field's, or the message's. */
export interface Term {
  /** The field as it is written, unescaped; none: the message. */
  readonly field: string | undefined;
  readonly operator: string;
  readonly value: Value;
  /** Whether records that pass the test are left out. */
  readonly negated: boolean;
}

export type Value =
  | { readonly kind: "anything" }
  | { readonly kind: "text"; readonly text: string; readonly openStart: boolean; readonly openEnd: boolean }
  | { readonly kind: "regex"; readonly pattern: string };

/** A query, read as far as it goes: every character is in one token. */
export interface Reading {
  readonly tokens: readonly Token[];
  readonly terms: readonly Term[];
}

/** The fields of the language, `attributes.` with a path behind it. */
export const FIELDS = [
  "message", "host", "app", "severity", "facility", "procid", "msgid", "address", "timestamp", "received", "id",
] as const;
const ALIASES = ["level", "receivedat"];

/** Whether the language has a field of this name. */
export function isField(name: string): boolean {
  const lower = name.toLowerCase();
  return /^attr(ibutes)?\../is.test(name) || (FIELDS as readonly string[]).includes(lower) || ALIASES.includes(lower);
}

/** Reads a query. */
export function read(query: string): Reading {
  const tokens: Token[] = [];
  const terms: Term[] = [];
  // Whether each open parenthesis, the innermost last, stands behind a negation.
  const groups: boolean[] = [];
  let at = 0;
  let negated = false;
  const push = (kind: TokenKind, end: number) => {
    if (end > at) tokens.push({ kind, start: at, end });
    at = end;
  };

  while (at < query.length) {
    const rest = query.slice(at);
    const space = /^\s+/u.exec(rest)?.[0];
    const keyword = /^(AND|OR|NOT)(?=[\s()]|$)/u.exec(rest)?.[0];
    if (space !== undefined) {
      push("space", at + space.length);
    } else if (rest.startsWith("(")) {
      groups.push(negated);
      negated = false;
      push("bracket", at + 1);
    } else if (rest.startsWith(")")) {
      groups.pop();
      push("bracket", at + 1);
    } else if (/^-[^\s)-]/u.test(rest)) {
      negated = !negated;
      push("negation", at + 1);
    } else if (keyword !== undefined) {
      if (keyword === "NOT") negated = !negated;
      push("operator", at + keyword.length);
    } else {
      const outside = groups.filter(Boolean).length % 2 === 1;
      term(negated !== outside);
      negated = false;
    }
  }
  return { tokens, terms };

  function term(isNegated: boolean): void {
    const begin = at;
    const length = nameLength(query.slice(at));
    const name = length === undefined ? undefined : unescaped(query.slice(at, at + length));
    const isText = length !== undefined && /^:(\/\/|:)/.test(query.slice(at + length));
    let field: string | undefined;
    let operator = ":";
    if (name !== undefined && length !== undefined && (isField(name) || !isText)) {
      field = name;
      push(isField(name) ? "field" : "unknown", at + length);
      operator = /^:?(<=?|>=?)|^:=|^:/.exec(query.slice(at))?.[0] ?? ":";
      push("comparison", at + operator.length);
    }
    const read = valueAt(query, at, operator === ":");
    push(read.kind, read.end);
    if (read.value !== undefined) terms.push({ field, operator, value: read.value, negated: isNegated });
    // Nothing was read: whatever stands here belongs to no term.
    if (at === begin) push("unknown", at + 1);
  }
}

interface ReadValue {
  readonly kind: "text" | "regex" | "unknown";
  readonly end: number;
  readonly value?: Value;
}

function valueAt(query: string, start: number, mayBeRegex: boolean): ReadValue {
  if (mayBeRegex && query.charAt(start) === "/") return regexAt(query, start);
  let at = start;
  while (query.charAt(at) === "*") at++;
  const openStart = at > start;
  if (openStart && endsAt(query, at)) return { kind: "text", end: at, value: { kind: "anything" } };

  const textStart = at;
  const quotes = query.charAt(at) === '"';
  if (quotes) at++;
  const isOver = () => (quotes ? query.charAt(at) === '"' : endsAt(query, at) || /["(*]/.test(query.charAt(at)));
  let text = "";
  while (at < query.length && !isOver()) {
    const piece = pieceAt(query, at);
    text += piece.text;
    at = piece.end;
  }
  const closed = !quotes || at < query.length;
  if (quotes && closed) at++;
  const openAt = at;
  while (query.charAt(at) === "*") at++;
  if (!closed || !endsAt(query, at)) {
    // The server refuses it: up to where a term would end it is not understood.
    while (!closed ? at < query.length : !endsAt(query, at)) at++;
    return { kind: "unknown", end: at };
  }
  if (at === textStart) return { kind: "text", end: at };
  return { kind: "text", end: at, value: { kind: "text", text, openStart, openEnd: at > openAt } };
}

function regexAt(query: string, start: number): ReadValue {
  let at = start + 1;
  let pattern = "";
  while (at < query.length && query.charAt(at) !== "/") {
    const escape = query.charAt(at) === "\\";
    const pair = query.slice(at, at + (escape ? 2 : 1));
    pattern += pair === "\\/" ? "/" : pair;
    at += pair.length;
  }
  const closed = query.charAt(at) === "/";
  if (closed) at++;
  if (!closed || pattern === "" || !endsAt(query, at)) {
    while (!endsAt(query, at)) at++;
    return { kind: "unknown", end: at };
  }
  return { kind: "regex", end: at, value: { kind: "regex", pattern } };
}

/** A character, or what stands for itself behind a `\`: that is text before a letter, a digit or the end. */
function pieceAt(query: string, at: number): { readonly text: string; readonly end: number } {
  const next = query.codePointAt(at + 1);
  const escaped = query.charAt(at) === "\\" && next !== undefined ? String.fromCodePoint(next) : "";
  if (escaped === "" || /[\p{L}\p{N}]/u.test(escaped)) return { text: query.charAt(at), end: at + 1 };
  return { text: escaped, end: at + 1 + escaped.length };
}

function endsAt(query: string, at: number): boolean {
  return at >= query.length || /[\s)]/u.test(query.charAt(at));
}

/** The length of the name of a field that a term begins with: what stands before a `:`, `<` or `>`. */
function nameLength(term: string): number | undefined {
  const attribute = /^attr(?:ibutes)?\.(?:\\[^]|[^\s"()\\:<>])*(?=[:<>])/iu.exec(term)?.[0];
  const name = attribute ?? /^[A-Za-z_](?:[\w.-]*[\w])?(?=[:<>])/.exec(term)?.[0];
  return name?.length;
}

function unescaped(name: string): string {
  return name.replaceAll(/\\([^\p{L}\p{N}])/gu, "$1");
}
