import type { ComponentProps, ReactNode } from "react";

import "./Table.css";

interface TableProps {
  /** What its rows are, for those who do not see the heading above it. */
  readonly label: string;
  readonly children: ReactNode;
}

/** A table that scrolls by itself where it is too wide for the page. */
export function Table({ label, children }: TableProps): ReactNode {
  return (
    <div className="table-frame" role="region" aria-label={label} tabIndex={0}>
      <table className="table" aria-label={label}>{children}</table>
    </div>
  );
}

interface CellProps extends ComponentProps<"td"> {
  /** Whether it holds a number, which stands at the right in figures of one width. */
  readonly number?: boolean;
}

export function Cell({ number = false, className = "", ...rest }: CellProps): ReactNode {
  return <td className={`${number ? "number" : ""} ${className}`.trim() || undefined} {...rest} />;
}
