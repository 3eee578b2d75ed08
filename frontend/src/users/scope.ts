/** The records that a user sees, as a form shows them: a search, beside conditions that it keeps as they are. */
import type { LogFilter, UsersQuery } from "../graphql/generated/graphql.ts";

export type User = NonNullable<UsersQuery["users"]>["edges"][number]["node"];

/** The search of a scope, and what else it says. */
export interface Scope {
  readonly query: string;
  readonly others: LogFilter;
}

/** Takes a scope apart. */
export function readScope(scope: unknown): Scope {
  if (typeof scope !== "object" || scope === null) return { query: "", others: {} };
  const { query, ...others } = scope as LogFilter;
  return { query: query ?? "", others };
}

/** Puts it together again; null when it leaves nothing out. */
export function writeScope({ query, others }: Scope): LogFilter | null {
  const filter: LogFilter = query.trim() === "" ? others : { ...others, query: query.trim() };
  return Object.keys(filter).length === 0 ? null : filter;
}

/** It in one line; none when the user sees everything. */
export function scopeInWords(scope: unknown): string | undefined {
  const { query, others } = readScope(scope);
  const parts = Object.entries(others).map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
  return [query, ...parts].filter((part) => part !== "").join(", ") || undefined;
}
