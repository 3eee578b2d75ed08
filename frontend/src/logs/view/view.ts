/** The view as a value: what is asked, and how the answer is shown. The URL holds all of it, and nothing else does. */
import type { Range } from "../time/range.ts";

/** From the most severe to the least. */
export const LEVELS = ["EMERGENCY", "ALERT", "CRITICAL", "ERROR", "WARNING", "NOTICE", "INFO", "DEBUG"] as const;
export type Level = (typeof LEVELS)[number];

/** Which end of the log stands at the top. */
export type Order = "newest" | "oldest";

export interface View {
  /** In the search language. */
  readonly query: string;
  readonly time: Range;
  /** These levels alone, in the order of `LEVELS`; none: every record, also those without a level. */
  readonly levels: readonly Level[];
  /** These hosts alone; none: all. */
  readonly hosts: readonly string[];
  /** These programs alone; none: all. */
  readonly apps: readonly string[];
  readonly live: boolean;
  readonly order: Order;
  /** The fields shown between the time and the message. */
  readonly columns: readonly string[];
  /** Whether long messages go on in further lines. */
  readonly wrap: boolean;
  readonly clock: "local" | "utc";
  /** The fields whose commonest values are shown. */
  readonly fields: readonly string[];
  /** The record that a link points at. */
  readonly record: string | undefined;
}

/** The view of an address that says nothing. */
export const DEFAULT: View = {
  query: "",
  time: { kind: "last", length: "1h" },
  levels: [],
  hosts: [],
  apps: [],
  live: false,
  order: "newest",
  columns: ["host", "app"],
  wrap: false,
  clock: "local",
  fields: ["severity", "host", "app"],
  record: undefined,
};

/** Fields whose values are counted at once, at most: each is a question of its own to the server. */
export const MOST_FIELDS = 10;
/** Columns beside each other, at most. */
export const MOST_COLUMNS = 12;
/** Hosts or programs that can be chosen together: an address has to stay one. */
export const MOST_VALUES = 100;
