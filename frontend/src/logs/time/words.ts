/** Ranges for people. */
import { duration } from "../../format/durations.ts";
import { clock, day, type Zone } from "../../format/times.ts";
import { lengthInWords, type Range } from "./range.ts";

/** A range in words: Last 15 minutes; 01-02 03:04:05 – 03:05:00 (55 s). */
export function inWords(time: Range, zone: Zone): string {
  if (time.kind === "all") return "All time";
  if (time.kind === "last") return `Last ${lengthInWords(time.length).replace(/^1 /, "")}`;
  const from = new Date(time.from).toISOString();
  const to = new Date(time.to).toISOString();
  const digits = time.to - time.from < 10_000 ? 12 : 8;
  const end = day(from, zone) === day(to, zone) ? "" : `${day(to, zone).slice(5)} `;
  const [first, last] = [from, to].map((instant) => clock(instant, zone).slice(0, digits));
  return `${day(from, zone).slice(5)} ${first} – ${end}${last} (${duration((time.to - time.from) / 1_000)})`;
}
