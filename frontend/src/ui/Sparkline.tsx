import type { ReactNode } from "react";

import "./Sparkline.css";

interface SparklineProps {
  /** A value for each stretch of time, the newest last. */
  readonly values: readonly number[];
  /** What it shows, for those who do not see it, and for whoever points at it. */
  readonly label: string;
}

const WIDTH = 120;
const HEIGHT = 20;

/** The shape of some values over time, small enough for a row of a table. */
export function Sparkline({ values, label }: SparklineProps): ReactNode {
  const most = Math.max(...values, 1);
  const step = WIDTH / values.length;
  // What is there at all can be seen, beside the most there is.
  const bars = values.map((value, at) => {
    const height = value === 0 ? 0 : Math.max(1, (value / most) * HEIGHT);
    return `M${(at * step).toFixed(2)} ${HEIGHT}v${(-height).toFixed(2)}h${(step * 0.8).toFixed(2)}V${HEIGHT}z`;
  });
  return (
    <svg
      className="sparkline" role="img" aria-label={label}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`} width={WIDTH} height={HEIGHT}
    >
      <title>{label}</title>
      <path d={`M0 ${HEIGHT - 0.25}H${WIDTH}`} className="sparkline-ground" />
      <path d={bars.join("")} className="sparkline-bars" />
    </svg>
  );
}
