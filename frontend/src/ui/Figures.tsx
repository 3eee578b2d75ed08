import type { ReactNode } from "react";

import "./Figures.css";

/** Some figures beside each other. */
export function Figures({ children }: { readonly children: ReactNode }): ReactNode {
  return <dl className="figures">{children}</dl>;
}

interface FigureProps {
  readonly label: string;
  readonly value: ReactNode;
  /** What it is made of, or what it means. */
  readonly note?: ReactNode;
}

/** One figure, large, with its name. */
export function Figure({ label, value, note }: FigureProps): ReactNode {
  return (
    <div className="figure">
      <dt>{label}</dt>
      <dd className="figure-value">{value}</dd>
      {note !== undefined && <dd className="figure-note">{note}</dd>}
    </div>
  );
}
