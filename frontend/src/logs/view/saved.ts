/** A filter that was saved, as a view: what it asks for becomes visible, and can be changed. */
import type { Range } from "../time/range.ts";
import { atLeast, withLevels } from "./change.ts";
import { joined, quoted } from "./terms.ts";
import { DEFAULT, LEVELS, MOST_VALUES, type Level, type View } from "./view.ts";

/** The view with the conditions of a saved filter, and its time where it has one. */
export function withSaved(view: View, filter: unknown): View {
  const kept = typeof filter === "object" && filter !== null ? (filter as Readonly<Record<string, unknown>>) : {};
  const next: View = {
    ...view,
    query: queryOf(kept),
    levels: [],
    hosts: texts(kept["hosts"]),
    apps: texts(kept["apps"]),
    time: timeOf(kept) ?? view.time,
    record: undefined,
  };
  if (isLevel(kept["minSeverity"])) return atLeast(next, kept["minSeverity"]);
  return Array.isArray(kept["severities"]) ? withLevels(next, kept["severities"].filter(isLevel)) : next;
}

function queryOf({ query, text }: Readonly<Record<string, unknown>>): string {
  const asked = typeof query === "string" ? query : DEFAULT.query;
  return typeof text === "string" && text !== "" ? joined(asked, quoted(text)) : asked;
}

function timeOf({ from, to }: Readonly<Record<string, unknown>>): Range | undefined {
  const [start, end] = [from, to].map((instant) => (typeof instant === "string" ? Date.parse(instant) : Number.NaN));
  if (start === undefined || Number.isNaN(start)) return undefined;
  return { kind: "between", from: start, to: end === undefined || Number.isNaN(end) ? Date.now() : end };
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string").slice(0, MOST_VALUES) : [];
}

function isLevel(value: unknown): value is Level {
  return (LEVELS as readonly unknown[]).includes(value);
}
