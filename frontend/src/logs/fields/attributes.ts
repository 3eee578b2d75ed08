/** The attributes of records, as the search language names them. */

/** Anything that JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Whether a value has values inside. */
export function isTree(value: Json): value is readonly Json[] | { readonly [key: string]: Json } {
  return typeof value === "object" && value !== null;
}

/** The values inside a value, each with its key. */
export function branches(value: Json): readonly (readonly [string, Json])[] {
  return isTree(value) ? Object.entries(value) : [];
}

/** A value that has none inside, as text. */
export function leafText(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** The value at a path of keys, or at a path that is one key with dots in it. */
export function valueAt(attributes: Json, path: string): Json | undefined {
  if (!isTree(attributes) || Array.isArray(attributes)) return undefined;
  const tree = attributes as { readonly [key: string]: Json };
  if (Object.hasOwn(tree, path)) return tree[path];
  for (let dot = path.indexOf("."); dot !== -1; dot = path.indexOf(".", dot + 1)) {
    const head = path.slice(0, dot);
    const found = Object.hasOwn(tree, head) ? valueAt(tree[head] ?? null, path.slice(dot + 1)) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The paths of the values in some records' attributes, the commonest first. */
export function commonPaths(records: Iterable<Json>, most: number): readonly string[] {
  const counts = new Map<string, number>();
  for (const record of records) count(record, "", counts, 0);
  const byCount = [...counts].toSorted(([a, n], [b, m]) => m - n || a.localeCompare(b));
  return byCount.slice(0, most).map(([path]) => path);
}

/** So deep, and so many of one record: a record can have any number of them. */
const DEEPEST = 4;
const MOST_OF_ONE = 50;

function count(value: Json, path: string, counts: Map<string, number>, depth: number): void {
  if (Array.isArray(value) || depth > DEEPEST) return;
  for (const [key, inside] of branches(value).slice(0, MOST_OF_ONE)) {
    const longer = path === "" ? key : `${path}.${key}`;
    if (isTree(inside)) count(inside, longer, counts, depth + 1);
    else counts.set(longer, (counts.get(longer) ?? 0) + 1);
  }
}
