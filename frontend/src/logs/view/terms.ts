/** Writing in the search language: a value that was pointed at becomes a term of the query. */

/** A term that holds for the records whose field is this value; without a value, for those without the field. */
export function termFor(field: string, value: string | null): string {
  const name = escapedName(field);
  if (value === null) return `-${name}:*`;
  return field === "message" ? `message:=${quoted(value)}` : `${name}:${quoted(value)}`;
}

/** The query narrowed to a term. What excluded it goes. */
export function including(query: string, term: string): string {
  return joined(without(query, negated(term)), term);
}

/** The query without what a term holds for. What asked for it goes. */
export function excluding(query: string, term: string): string {
  return joined(without(query, term), negated(term));
}

/** Whether a query has a term, as one of those that must all hold. */
export function holds(query: string, term: string): boolean {
  return without(query, term) !== query.trim();
}

/** The query without a term, where that stands by itself. */
export function without(query: string, term: string): string {
  return topTerms(query).filter((part) => part !== term).join(" ");
}

/** The opposite of a term. */
export function negated(term: string): string {
  return term.startsWith("-") ? term.slice(1) : `-${term}`;
}

/** A term beside a query: both hold. */
export function joined(query: string, term: string): string {
  const before = query.trim();
  if (before === "") return term;
  if (topTerms(before).includes(term)) return before;
  return topTerms(before).includes("OR") ? `(${before}) ${term}` : `${before} ${term}`;
}

/** A text as a value: a plain word as it is, anything else in quotes. */
export function quoted(text: string): string {
  const plain = /^[\p{L}\p{N}][\p{L}\p{N}_.=/@-]*$/u.test(text) && !/^(AND|OR|NOT)$/.test(text);
  return plain ? text : `"${text.replaceAll(/["\\]/g, "\\$&")}"`;
}

/** The name of a field; in the path of an attribute, what would end a name is escaped. */
function escapedName(field: string): string {
  return field.startsWith("attributes.") ? field.replaceAll(/[\s:<>"()\\]/gu, "\\$&") : field;
}

/** The parts of a query between white space that is not inside quotes, slashes or parentheses. */
export function topTerms(query: string): readonly string[] {
  const parts: string[] = [];
  let depth = 0;
  let inside: '"' | "/" | undefined;
  let part = "";
  for (let at = 0; at < query.length; at++) {
    const c = query.charAt(at);
    if (c === "\\") {
      part += c + query.charAt(++at);
      continue;
    }
    if (inside !== undefined) {
      if (c === inside) inside = undefined;
    } else if (c === '"') {
      inside = c;
    } else if (c === "/" && /^(-?|.*:)$/s.test(part)) {
      inside = c;
    } else if (c === "(" || c === ")") {
      depth += c === "(" ? 1 : -1;
    } else if (/\s/u.test(c) && depth <= 0) {
      if (part !== "") parts.push(part);
      part = "";
      continue;
    }
    part += c;
  }
  if (part !== "") parts.push(part);
  return parts;
}
