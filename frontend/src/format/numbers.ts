/** Numbers for people. */

const WHOLE = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const SHORT = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

/** All of a number: 1,234,567. */
export function count(value: number): string {
  return WHOLE.format(value);
}

/** About how many, in a small place: 1.2M. */
export function short(value: number): string {
  return SHORT.format(value);
}

/** So many things, with their name: 1 record, 2 records. */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** How many a second: 0, 0.02/s, 12/s, 4.1K/s. */
export function rate(value: number): string {
  if (value === 0) return "0";
  if (value < 0.01) return "<0.01/s";
  return `${value < 10 ? Number(value.toPrecision(2)) : SHORT.format(value)}/s`;
}

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

/** How many bytes, in three digits: 512 B, 1.5 MiB. */
export function bytes(value: number): string {
  const power = value < 1 ? 0 : Math.min(Math.floor(Math.log2(value) / 10), UNITS.length - 1);
  // 1,023.7 KiB would be written as 1,024: it is 1 MiB.
  const carried = value / 1024 ** power >= 999.5 && power < UNITS.length - 1 ? power + 1 : power;
  const scaled = value / 1024 ** carried;
  const digits = carried === 0 ? 0 : scaled < 9.995 ? 2 : scaled < 99.95 ? 1 : 0;
  return `${Number(scaled.toFixed(digits))} ${UNITS[carried]}`;
}

/** A share of a whole: 12%, <1%. */
export function percent(share: number): string {
  const value = share * 100;
  if (value > 0 && value < 1) return "<1%";
  if (value > 99 && value < 100) return ">99%";
  return `${Math.round(value)}%`;
}
