/** What a person does to the view: each a function to the next view. */
import type { Range } from "../time/range.ts";
import { excluding, holds, including, termFor, without, negated } from "./terms.ts";
import { LEVELS, MOST_COLUMNS, MOST_FIELDS, type Level, type View } from "./view.ts";

/** How a view stands to the value of a field. */
export type Stance = "included" | "excluded" | "neither";

/** Asks something else; the record that a link pointed at is not in the way of it. */
export function withQuery(view: View, query: string): View {
  return { ...view, query, record: undefined };
}

/** Another time. Fixed instants have no live end. */
export function withTime(view: View, time: Range): View {
  return { ...view, time, live: view.live && time.kind !== "between", record: undefined };
}

/** Follows the log, or stops. What is followed has no end in the past. */
export function withLive(view: View, live: boolean): View {
  const time: Range = live && view.time.kind === "between" ? { kind: "last", length: "15m" } : view.time;
  return { ...view, live, time, record: undefined };
}

/** Adds a level to the chosen ones, or takes it away. */
export function togglingLevel(view: View, level: Level): View {
  return withLevels(view, toggled(view.levels, level));
}

/** These levels alone; all of them stand for no choice. */
export function withLevels(view: View, levels: readonly Level[]): View {
  const chosen = LEVELS.filter((level) => levels.includes(level));
  return { ...view, levels: chosen.length === LEVELS.length ? [] : chosen };
}

/** This level and every more severe one. */
export function atLeast(view: View, level: Level): View {
  return withLevels(view, LEVELS.slice(0, LEVELS.indexOf(level) + 1));
}

/** How a view stands to a value of a field. */
export function stanceTo(view: View, field: string, value: string | null): Stance {
  const list = chosen(view, field);
  if (list !== undefined && value !== null && list.includes(value)) return "included";
  const term = termFor(field, value);
  if (holds(view.query, term)) return "included";
  return holds(view.query, negated(term)) ? "excluded" : "neither";
}

/** Narrows the view to a value of a field, or, when it is narrow already, widens it again. Several hosts, programs or
 * levels may be chosen side by side; of other fields, one value excludes the next. */
export function togglingValue(view: View, field: string, value: string | null): View {
  const stance = stanceTo(view, field, value);
  const free = withoutValue(view, field, value);
  if (stance === "included") return free;
  if (value !== null && field === "host") return { ...free, hosts: [...free.hosts, value], record: undefined };
  if (value !== null && field === "app") return { ...free, apps: [...free.apps, value], record: undefined };
  if (value !== null && field === "severity") return withLevels(free, [...free.levels, value as Level]);
  return withQuery(free, including(free.query, termFor(field, value)));
}

/** Leaves out the records with a value, or, when they are left out already, no longer does. */
export function excludingValue(view: View, field: string, value: string | null): View {
  const stance = stanceTo(view, field, value);
  const free = withoutValue(view, field, value);
  return stance === "excluded" ? free : withQuery(free, excluding(free.query, termFor(field, value)));
}

/** Says nothing about a value any more. */
export function withoutValue(view: View, field: string, value: string | null): View {
  const term = termFor(field, value);
  const query = without(without(view.query, term), negated(term));
  const rest = (values: readonly string[]) => values.filter((other) => other !== value);
  return {
    ...view,
    query,
    hosts: field === "host" ? rest(view.hosts) : view.hosts,
    apps: field === "app" ? rest(view.apps) : view.apps,
    levels: field === "severity" ? view.levels.filter((level) => level !== value) : view.levels,
  };
}

/** Shows a column, or takes it away. */
export function togglingColumn(view: View, column: string): View {
  return { ...view, columns: toggled(view.columns, column).slice(0, MOST_COLUMNS) };
}

/** Counts the values of a field, or stops. When there is no room, the field that was opened first makes some. */
export function togglingField(view: View, field: string): View {
  return { ...view, fields: toggled(view.fields, field).slice(-MOST_FIELDS) };
}

/** Whether the view leaves anything out but by time. */
export function isNarrow(view: View): boolean {
  return view.query.trim() !== "" || view.levels.length + view.hosts.length + view.apps.length > 0;
}

/** Everything of the chosen time. */
export function withoutConditions(view: View): View {
  return { ...view, query: "", levels: [], hosts: [], apps: [], record: undefined };
}

function chosen(view: View, field: string): readonly string[] | undefined {
  switch (field) {
    case "host":
      return view.hosts;
    case "app":
      return view.apps;
    case "severity":
      return view.levels;
    default:
      return undefined;
  }
}

function toggled<Item>(items: readonly Item[], item: Item): readonly Item[] {
  return items.includes(item) ? items.filter((other) => other !== item) : [...items, item];
}
