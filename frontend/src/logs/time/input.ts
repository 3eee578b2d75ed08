/** Instants as `<input type="datetime-local">` has them: without a zone. */
import { clock, day, type Zone } from "../../format/times.ts";
import type { Instant } from "./range.ts";

/** An instant in the text of an input. */
export function toInput(instant: Instant, zone: Zone): string {
  const text = new Date(instant).toISOString();
  return `${day(text, zone)}T${clock(text, zone)}`;
}

/** The instant that an input names; `undefined` when it is empty. */
export function fromInput(text: string, zone: Zone): Instant | undefined {
  const instant = Date.parse(zone === "utc" ? `${text}Z` : text);
  return Number.isNaN(instant) ? undefined : instant;
}
