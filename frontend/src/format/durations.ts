/** Stretches of time for people. */

const UNITS = [
  { name: "d", seconds: 86_400 },
  { name: "h", seconds: 3_600 },
  { name: "min", seconds: 60 },
  { name: "s", seconds: 1 },
] as const;

/** How long, in its two largest units: 3 d 4 h, 12 min, 1 s, 250 ms. */
export function duration(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1_000)} ms`;
  const whole = Math.floor(seconds);
  const first = UNITS.findIndex((unit) => whole >= unit.seconds);
  const [large, small] = [UNITS[first]!, UNITS[first + 1]];
  const most = Math.floor(whole / large.seconds);
  const rest = small === undefined ? 0 : Math.floor((whole % large.seconds) / small.seconds);
  return rest === 0 || small === undefined ? `${most} ${large.name}` : `${most} ${large.name} ${rest} ${small.name}`;
}
