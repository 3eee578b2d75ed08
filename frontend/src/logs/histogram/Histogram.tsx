import { memo, useEffect, useEffectEvent, useMemo, useRef, useState, type ReactNode } from "react";

import { count, counted } from "../../format/numbers.ts";
import { severityName } from "../../format/severities.ts";
import { clock, day } from "../../format/times.ts";
import { useIsDark } from "../../ui/theme.ts";
import { BUCKETS, type Question } from "../question.ts";
import { gridOver, type Grid } from "../time/grid.ts";
import type { View } from "../view/view.ts";
import type { Chart } from "./chart.ts";
import { extent, SERIES, stacksOf, type Bucket, type Stacks } from "./series.ts";
import "./Histogram.css";

interface HistogramProps {
  readonly question: Question | undefined;
  readonly buckets: readonly Bucket[] | undefined;
  readonly clock: View["clock"];
  readonly onZoom: (from: number, to: number) => void;
}

const NONE: readonly Bucket[] = [];

/** How many records there are over time, by level. To draw over a stretch is to zoom into it. */
export const Histogram = memo(function Histogram({ question, buckets: known, clock: zone, onZoom }: HistogramProps): ReactNode {
  const buckets = known ?? NONE;
  const { grid, stacks } = useMemo(() => {
    const grid = gridOf(question, buckets);
    return { grid, stacks: stacksOf(grid, buckets) };
  }, [question, buckets]);
  const [pointed, setPointed] = useState<number>();
  const frame = useRef<HTMLDivElement>(null);
  const chart = useRef<Chart>(undefined);
  const drawn = useRef({ stacks, grid, clock: zone });
  const dark = useIsDark();
  const zoom = useEffectEvent(onZoom);

  useEffect(() => {
    drawn.current = { stacks, grid, clock: zone };
    chart.current?.draw(drawn.current);
  }, [stacks, grid, zone]);

  useEffect(() => chart.current?.recolour(), [dark]);

  useEffect(() => {
    let over = false;
    void import("./chart.ts").then(({ makeChart }) => {
      if (over || frame.current === null) return;
      const listeners = { onZoom: (from: number, to: number) => zoom(from, to), onPoint: setPointed };
      chart.current = makeChart(frame.current, drawn.current, listeners);
    });
    return () => {
      over = true;
      chart.current?.destroy();
      chart.current = undefined;
    };
  }, []);

  return (
    <section className="histogram" aria-label="Records over time">
      <p className="histogram-words">
        {known === undefined ? (
          question && "Not counted"
        ) : pointed === undefined ? (
          <Sums stacks={stacks} />
        ) : (
          <Stretch stacks={stacks} grid={grid} place={pointed} zone={zone} />
        )}
      </p>
      <div ref={frame} className="histogram-frame" aria-hidden />
    </section>
  );
});

function gridOf(question: Question | undefined, buckets: readonly Bucket[]): Grid {
  const now = question?.now ?? Date.now();
  const { from, to } = question?.interval ?? {};
  const interval = from === undefined ? extent(buckets, BUCKETS, now) : { from, to: to ?? now };
  return gridOver(interval, BUCKETS);
}

/** The counts of all the time, for those too who do not see the picture. */
function Sums({ stacks }: { readonly stacks: Stacks }): ReactNode {
  return (
    <>
      <strong>{counted(stacks.total, "record")}</strong>
      <Counts counts={stacks.sums} />
    </>
  );
}

interface StretchProps {
  readonly stacks: Stacks;
  readonly grid: Grid;
  readonly place: number;
  readonly zone: View["clock"];
}

/** The counts of the stretch that is pointed at. */
function Stretch({ stacks, grid, place, zone }: StretchProps): ReactNode {
  const counts = stacks.counts.map((series) => series[place] ?? 0);
  const from = new Date(grid.start + place * grid.width).toISOString();
  const to = new Date(grid.start + (place + 1) * grid.width).toISOString();
  const digits = grid.width >= 60_000 ? 5 : grid.width >= 1_000 ? 8 : 12;
  return (
    <>
      <strong>
        {day(from, zone).slice(5)} {clock(from, zone).slice(0, digits)}–{clock(to, zone).slice(0, digits)}
      </strong>
      <span>{counted(counts.reduce((sum, n) => sum + n, 0), "record")}</span>
      <Counts counts={counts} />
    </>
  );
}

function Counts({ counts }: { readonly counts: readonly number[] }): ReactNode {
  return SERIES.map((level, at) => {
    const n = counts[at] ?? 0;
    if (n === 0) return null;
    return (
      <span key={severityName(level)} className="histogram-count">
        <i className={`swatch swatch-${severityName(level)}`} aria-hidden />
        {count(n)} {level === null ? "without level" : severityName(level)}
      </span>
    );
  });
}
