/** Instants for people. The server's have microseconds, which `Date` has not: those come from its text. */
import { duration } from "./durations.ts";

/** Whose clock times are shown by. */
export type Zone = "local" | "utc";

/** 2026-11-23 */
export function day(instant: string, zone: Zone): string {
  const { year, month, day } = parts(instant, zone);
  return `${year}-${two(month)}-${two(day)}`;
}

/** 14:25:33.123 */
export function clock(instant: string, zone: Zone): string {
  const { hour, minute, second } = parts(instant, zone);
  return `${two(hour)}:${two(minute)}:${two(second)}.${fraction(instant).slice(0, 3)}`;
}

/** 2026-11-23 14:25 */
export function minute(instant: string, zone: Zone): string {
  return `${day(instant, zone)} ${clock(instant, zone).slice(0, 5)}`;
}

/** 2026-11-23 14:25:33 */
export function second(instant: string, zone: Zone): string {
  return `${day(instant, zone)} ${clock(instant, zone).slice(0, 8)}`;
}

/** All there is to say of it: 2026-11-23 14:25:33.123456 +01:00 */
export function full(instant: string, zone: Zone): string {
  return `${second(instant, zone)}.${fraction(instant)} ${offset(instant, zone)}`;
}

/** How long ago: just now, 5 min ago, 3 d ago; what is to come: in 5 min. */
export function ago(instant: string, now: number): string {
  const seconds = (now - Date.parse(instant)) / 1_000;
  if (Math.abs(seconds) < 5) return "just now";
  return seconds > 0 ? `${duration(coarse(seconds, Math.floor))} ago` : `in ${duration(coarse(-seconds, Math.round))}`;
}

/** Only the largest unit counts for what is long ago, or far ahead. */
function coarse(seconds: number, whole: (value: number) => number): number {
  const unit = [86_400, 3_600, 60].find((unit) => seconds >= unit) ?? 1;
  return whole(seconds / unit) * unit;
}

function parts(instant: string, zone: Zone) {
  const date = new Date(instant);
  return zone === "utc"
    ? {
        year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate(),
        hour: date.getUTCHours(), minute: date.getUTCMinutes(), second: date.getUTCSeconds(),
      }
    : {
        year: date.getFullYear(), month: date.getMonth() + 1, day: date.getDate(),
        hour: date.getHours(), minute: date.getMinutes(), second: date.getSeconds(),
      };
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}

/** The six digits after the second. */
function fraction(instant: string): string {
  const [, digits = ""] = /\.(\d+)/.exec(instant) ?? [];
  return digits.padEnd(6, "0").slice(0, 6);
}

function offset(instant: string, zone: Zone): string {
  if (zone === "utc") return "UTC";
  const minutes = -new Date(instant).getTimezoneOffset();
  const size = Math.abs(minutes);
  return `${minutes < 0 ? "-" : "+"}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}
