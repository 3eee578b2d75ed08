/** The severities, their words and their colours. */
import type { Severity } from "../graphql/generated/graphql.ts";

export type { Severity };

/** Most severe first, as RFC 5424 numbers them. */
export const SEVERITIES: readonly Severity[] = [
  "EMERGENCY", "ALERT", "CRITICAL", "ERROR", "WARNING", "NOTICE", "INFO", "DEBUG",
];

/** A severity in a column: five letters at most. */
const SHORT: Readonly<Record<Severity, string>> = {
  EMERGENCY: "EMERG", ALERT: "ALERT", CRITICAL: "CRIT", ERROR: "ERROR",
  WARNING: "WARN", NOTICE: "NOTE", INFO: "INFO", DEBUG: "DEBUG",
};

export function shortSeverity(severity: Severity | null): string {
  return severity === null ? "–" : SHORT[severity];
}

/** A severity in words; null is that of records without one. */
export function severityName(severity: Severity | null): string {
  return severity === null ? "none" : severity.toLowerCase();
}

/** The token of its colour as text, and that of its bars. */
export function severityColour(severity: Severity | null): { readonly text: string; readonly fill: string } {
  const token = `--severity-${severityName(severity)}`;
  return { text: `var(${token})`, fill: `var(${token}-fill)` };
}
