import { memo, type MouseEvent, type ReactNode } from "react";

import { severityName, shortSeverity } from "../../format/severities.ts";
import { clock, day, full } from "../../format/times.ts";
import type { Line } from "../documents.ts";
import type { View } from "../view/view.ts";
import { fieldOf } from "./columns.ts";
import type { Finder } from "./highlight.ts";
import { Text } from "./Text.tsx";

/** So much of a message stands in its line: more than any screen is wide. */
const MOST_IN_LINE = 1_000;
const MOST_WRAPPED = 4_000;
const MOST_IN_CELL = 200;

/** How lines are shown: the same for all of a list. */
export interface Looks {
  readonly columns: readonly string[];
  readonly wrap: boolean;
  readonly clock: View["clock"];
  /** Whether the day stands before the time. */
  readonly withDay: boolean;
  readonly finders: ReadonlyMap<string, Finder>;
}

interface RowProps {
  readonly id: string;
  readonly line: Line;
  readonly looks: Looks;
  /** Its place among the rows that are here, from 1; the first row names the columns. */
  readonly place: number;
  readonly active: boolean;
  /** Whether all of it is shown below; without, that cannot be. */
  readonly open?: boolean;
  readonly onToggle?: (id: string) => void;
}

/** A record in a line. */
export const Row = memo(function Row({ id, line, looks, place, active, open, onToggle }: RowProps): ReactNode {
  const { columns, wrap, finders } = looks;
  const toggle = (event: MouseEvent) => {
    // Whoever selects text to copy it does not mean the record.
    if (event.detail > 0 && window.getSelection()?.type === "Range") return;
    onToggle?.(line.id);
  };
  const level = line.severity ?? null;
  return (
    <div
      id={id} role="row" aria-rowindex={place} aria-selected={active} aria-expanded={open}
      className={`line line-${severityName(level)}${wrap ? " line-wrap" : ""}`} onClick={toggle}
    >
      <time role="gridcell" className="line-time" dateTime={line.timestamp} title={full(line.timestamp, looks.clock)}>
        {looks.withDay && <span className="line-day">{day(line.timestamp, looks.clock).slice(5)} </span>}
        {clock(line.timestamp, looks.clock)}
      </time>
      <span role="gridcell" className="line-level" title={severityName(level)}>{shortSeverity(level)}</span>
      {columns.map((column) => (
        <span key={column} role="gridcell" className="line-cell">
          <Cell text={fieldOf(line, column)} find={finders.get(column)} />
        </span>
      ))}
      <span role="gridcell" className="line-message">
        <Text
          text={line.message} most={wrap ? MOST_WRAPPED : MOST_IN_LINE} oneLine={!wrap}
          {...finding(finders.get("message"))}
        />
      </span>
    </div>
  );
});

function Cell({ text, find }: { readonly text: string | undefined; readonly find: Finder | undefined }): ReactNode {
  if (text === undefined) return <span className="line-nothing" aria-label="nothing">–</span>;
  return <Text text={text} most={MOST_IN_CELL} oneLine {...finding(find)} />;
}

function finding(find: Finder | undefined): { readonly find?: Finder } {
  return find === undefined ? {} : { find };
}
