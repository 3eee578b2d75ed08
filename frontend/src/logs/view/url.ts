/** The view as the search part of an address, and back. An address says only what differs from the default; what it
 * says that nobody understands is passed over. */
import { readRange, writeRange } from "../time/range.ts";
import { DEFAULT, LEVELS, MOST_COLUMNS, MOST_FIELDS, MOST_VALUES, type Level, type View } from "./view.ts";

/** The search part of the address of a view, without its `?`. */
export function writeView(view: View): string {
  const parts = new URLSearchParams();
  const say = (name: string, value: string, usual: string) => value !== usual && parts.append(name, value);
  /** A list that is empty, though the usual one is not, is one empty value. */
  const sayAll = (name: string, values: readonly string[], usual: readonly string[]) => {
    if (values.join("\n") === usual.join("\n")) return;
    for (const value of values.length === 0 ? [""] : values) parts.append(name, value);
  };

  say("q", view.query, "");
  say("t", writeRange(view.time), writeRange(DEFAULT.time));
  say("level", view.levels.join(",").toLowerCase(), "");
  sayAll("host", view.hosts, []);
  sayAll("app", view.apps, []);
  say("live", view.live ? "1" : "", "");
  say("order", view.order, DEFAULT.order);
  sayAll("column", view.columns, DEFAULT.columns);
  say("wrap", view.wrap ? "1" : "", "");
  say("clock", view.clock, DEFAULT.clock);
  sayAll("field", view.fields, DEFAULT.fields);
  say("record", view.record ?? "", "");
  return parts.toString();
}

/** The view that an address stands for. Any text is one: what cannot be read is as if it were not there. */
export function readView(search: string): View {
  const parts = new URLSearchParams(search);
  const text = (name: string) => parts.get(name) ?? "";
  const list = (name: string, usual: readonly string[], most: number) =>
    parts.has(name) ? distinct(parts.getAll(name)).slice(0, most) : usual;
  const record = text("record");

  return {
    query: text("q"),
    time: readRange(text("t")) ?? DEFAULT.time,
    levels: readLevels(text("level")),
    hosts: list("host", DEFAULT.hosts, MOST_VALUES),
    apps: list("app", DEFAULT.apps, MOST_VALUES),
    live: parts.get("live") === "1",
    order: parts.get("order") === "oldest" ? "oldest" : "newest",
    columns: list("column", DEFAULT.columns, MOST_COLUMNS),
    wrap: parts.get("wrap") === "1",
    clock: parts.get("clock") === "utc" ? "utc" : "local",
    fields: list("field", DEFAULT.fields, MOST_FIELDS),
    record: /^\d{1,19}$/.test(record) ? record : undefined,
  };
}

/** The address of a view. */
export function linkTo(view: Partial<View>): string {
  const search = writeView({ ...DEFAULT, ...view });
  return search === "" ? "/" : `/?${search}`;
}

function readLevels(text: string): readonly Level[] {
  const named = new Set(text.toUpperCase().split(","));
  return LEVELS.filter((level) => named.has(level));
}

/** Each value once; an empty one is none. */
function distinct(values: readonly string[]): readonly string[] {
  return [...new Set(values)].filter((value) => value !== "");
}
