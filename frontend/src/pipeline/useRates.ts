import { useEffect, useState } from "react";

/** Counts that only grow, and when they were read, in milliseconds. */
export interface Sample {
  readonly at: number;
  readonly counts: Readonly<Record<string, number>>;
}

/** How much a second each count grew between two samples; none where it became less, for what was counted began anew. */
export function ratesBetween(before: Sample, after: Sample): Readonly<Record<string, number>> {
  const seconds = (after.at - before.at) / 1_000;
  if (seconds <= 0) return {};
  const rateOf = (name: string, count: number) => (count - (before.counts[name] ?? count)) / seconds;
  const rates = Object.entries(after.counts).map(([name, count]) => [name, rateOf(name, count)] as const);
  return Object.fromEntries(rates.filter(([, rate]) => rate >= 0));
}

/** How fast counts grow, from one answer to the next. `answer` is the same object until there is a new one. */
export function useRates(answer: unknown, counts: Sample["counts"] | undefined): Readonly<Record<string, number>> {
  const [samples, setSamples] = useState<readonly Sample[]>([]);
  useEffect(() => {
    if (counts === undefined) return;
    const sample = { at: performance.now(), counts };
    setSamples((known) => [...known.slice(-1), sample]);
    // The counts are those of the answer.
  }, [answer]);
  const [before, after] = samples;
  return before === undefined || after === undefined ? {} : ratesBetween(before, after);
}
