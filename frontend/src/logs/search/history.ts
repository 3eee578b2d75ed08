/** The queries that were asked in this browser, the last one first. */
const KEY = "tailwater-queries";
const MOST = 50;

export function pastQueries(): readonly string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(kept) ? kept.filter((query) => typeof query === "string") : [];
  } catch {
    return [];
  }
}

export function rememberQuery(query: string): void {
  const trimmed = query.trim();
  if (trimmed === "") return;
  const others = pastQueries().filter((other) => other !== trimmed);
  localStorage.setItem(KEY, JSON.stringify([trimmed, ...others].slice(0, MOST)));
}
