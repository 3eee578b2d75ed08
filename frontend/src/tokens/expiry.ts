/** How long a token is to be good. */
const DAY = 86_400_000;

export const EXPIRIES = { "30": "30 days", "90": "90 days", "365": "a year", never: "for ever" } as const;
export type Expiry = keyof typeof EXPIRIES;

/** When a token of today ends; null: never. */
export function expiresAt(expiry: Expiry, now: number): string | null {
  return expiry === "never" ? null : new Date(now + Number(expiry) * DAY).toISOString();
}

/** How a token stands: one that ends within a week wants to be replaced. */
export function standing(at: string | null, now: number): "good" | "ending" | "over" {
  if (at === null) return "good";
  const left = Date.parse(at) - now;
  return left <= 0 ? "over" : left < 7 * DAY ? "ending" : "good";
}
