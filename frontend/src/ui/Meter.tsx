import type { ReactNode } from "react";

import "./Meter.css";

interface MeterProps {
  readonly label: string;
  /** How much of it is used, from 0 to 1. */
  readonly share: number;
  /** The same in words. */
  readonly text: string;
}

/** How much of a bound is used. */
export function Meter({ label, share, text }: MeterProps): ReactNode {
  const percent = Math.min(100, Math.max(0, share * 100));
  return (
    <div className="meter">
      <div className="meter-words"><span>{label}</span><span>{text}</span></div>
      <div
        className="meter-track" role="meter" aria-label={label} aria-valuetext={text}
        aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.round(percent)}
      >
        <div className="meter-bar" style={{ width: `${percent}%` }} />
      </div>
    </div>
  );
}
