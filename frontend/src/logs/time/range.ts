/** Ranges of time, as a person chooses them and as a request needs them. */

/** A stretch up to now, fixed instants, or everything there is. */
export type Range =
  | { readonly kind: "last"; readonly length: Length }
  | { readonly kind: "between"; readonly from: Instant; readonly to: Instant }
  | { readonly kind: "all" };

/** Milliseconds since 1970. */
export type Instant = number;

/** A length as it is written: `15m`, `3h`, `7d`. */
export type Length = `${number}${Unit}`;
type Unit = "s" | "m" | "h" | "d";

/** The two instants that a request asks between; a side that is not there is open. */
export interface Interval {
  readonly from?: Instant;
  /** Excluded. */
  readonly to?: Instant;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const UNITS: Readonly<Record<Unit, number>> = { s: SECOND, m: MINUTE, h: HOUR, d: DAY };
const NAMES: Readonly<Record<Unit, string>> = { s: "second", m: "minute", h: "hour", d: "day" };

/** The stretches that are offered. */
export const PRESETS: readonly Length[] = ["5m", "15m", "30m", "1h", "3h", "6h", "12h", "24h", "2d", "7d", "14d", "30d"];

/** No length is longer: beyond, dates lose their digits. */
const LONGEST = 3_650 * DAY;
/** No range that is zoomed into is shorter. */
export const SHORTEST = 10;

/** Reads a length; `undefined` when it is none. */
export function readLength(text: string): Length | undefined {
  const [, digits, unit] = /^([1-9]\d{0,5})([smhd])$/.exec(text) ?? [];
  if (digits === undefined || unit === undefined) return undefined;
  const length = `${Number(digits)}${unit as Unit}` as const;
  return milliseconds(length) <= LONGEST ? length : undefined;
}

/** How long a length is. */
export function milliseconds(length: Length): number {
  return Number(length.slice(0, -1)) * UNITS[length.slice(-1) as Unit];
}

/** A length in words: `15 minutes`. */
export function lengthInWords(length: Length): string {
  const count = Number(length.slice(0, -1));
  const name = NAMES[length.slice(-1) as Unit];
  return count === 1 ? `1 ${name}` : `${count} ${name}s`;
}

/** A range as it stands in the URL; `readRange` reads it back. */
export function writeRange(range: Range): string {
  switch (range.kind) {
    case "last":
      return range.length;
    case "between":
      return `${writeInstant(range.from)}/${writeInstant(range.to)}`;
    case "all":
      return "all";
  }
}

/** Reads a range; `undefined` when it is none. */
export function readRange(text: string): Range | undefined {
  if (text === "all") return { kind: "all" };
  const length = readLength(text);
  if (length !== undefined) return { kind: "last", length };
  const [from, to, ...more] = text.split("/").map(readInstant);
  const fits = from !== undefined && to !== undefined && from < to && more.length === 0;
  return fits ? { kind: "between", from, to } : undefined;
}

/** An instant as RFC 3339 writes it, no longer than it has to be. */
export function writeInstant(instant: Instant): string {
  return new Date(instant).toISOString().replace(/\.000Z$/, "Z");
}

function readInstant(text: string): Instant | undefined {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?Z$/.test(text)) return undefined;
  const instant = Date.parse(text);
  return Number.isNaN(instant) ? undefined : instant;
}

/** What a range means at an instant. A request resolves it once, so that all its parts speak of the same time. */
export function resolve(range: Range, now: Instant): Interval {
  switch (range.kind) {
    case "last":
      // What is sent from now on belongs to it: senders' clocks may be ahead, so its end stays open.
      return { from: now - milliseconds(range.length) };
    case "between":
      return { from: range.from, to: range.to };
    case "all":
      return {};
  }
}

/** Between two instants, in whichever order they were pointed at. */
export function between(one: Instant, other: Instant): Range {
  const from = Math.floor(Math.min(one, other));
  return { kind: "between", from, to: Math.max(Math.ceil(Math.max(one, other)), from + SHORTEST) };
}

/** Twice as wide around the same middle, but not beyond now. */
export function widened(interval: Required<Interval>, now: Instant): Range {
  const quarter = (interval.to - interval.from) / 2;
  const to = Math.min(interval.to + quarter, Math.max(now, interval.to));
  return between(interval.from - quarter - (interval.to + quarter - to), to);
}

/** The range just before or after, of the same width. */
export function shifted(interval: Required<Interval>, direction: -1 | 1): Range {
  const width = interval.to - interval.from;
  return between(interval.from + direction * width, interval.to + direction * width);
}
