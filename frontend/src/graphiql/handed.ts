/** An operation that another page handed over, in the fragment of the address. It is taken once: a reload shows what
 * became of it, not it again. */
export interface Handed {
  readonly query: string;
  /** JSON. */
  readonly variables: string;
}

export function takeHanded(): Handed | undefined {
  const parts = new URLSearchParams(window.location.hash.slice(1));
  const query = parts.get("query");
  if (query === null) return undefined;
  window.history.replaceState(null, "", window.location.pathname);
  return { query, variables: parts.get("variables") ?? "{}" };
}
