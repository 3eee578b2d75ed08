import { useMemo, useState, type CSSProperties, type ReactNode } from "react";

import type { ContextOf } from "../../graphql/generated/graphql.ts";
import { useAnswer } from "../../graphql/hooks.ts";
import { Button } from "../../ui/Button.tsx";
import { Problems } from "../../ui/Problems.tsx";
import { Spinner } from "../../ui/Spinner.tsx";
import { CONTEXT, type Line } from "../documents.ts";
import { tracks } from "../list/columns.ts";
import type { Finder } from "../list/highlight.ts";
import { Row, type Looks } from "../list/Row.tsx";
import type { View } from "../view/view.ts";

/** Lines on each side: at first, and at most. */
const SIDES = [10, 50, 100] as const;

const OF: Readonly<Record<ContextOf, string>> = { SOURCE: "Of this source", ALL: "Of every source" };

/** They are not searched, and of about the same time. */
const PLAIN = { withDay: false, finders: new Map<string, Finder>() } as const;

/** The lines that were stored around a line. */
export function Context({ line, view }: { readonly line: Line; readonly view: View }): ReactNode {
  const [of, setOf] = useState<ContextOf>("SOURCE");
  const [side, setSide] = useState<number>(SIDES[0]);
  const { data, problems, asking, again } = useAnswer(CONTEXT, { id: line.id, side, of });
  const lines = data?.log?.context;
  const looks = useMemo<Looks>(
    () => ({ ...PLAIN, columns: of === "ALL" ? ["host", "app"] : [], wrap: view.wrap, clock: view.clock }),
    [of, view.wrap, view.clock],
  );
  const style = { "--tracks": tracks(looks.columns, false) } as CSSProperties;
  const more = SIDES.find((more) => more > side);
  return (
    <div className="context">
      <div className="context-choice">
        {Object.entries(OF).map(([option, text]) => (
          <Button
            key={option} look={option === of ? "plain" : "quiet"} aria-pressed={option === of}
            onClick={() => setOf(option as ContextOf)}
          >
            {text}
          </Button>
        ))}
        {more !== undefined && <Button look="quiet" onClick={() => setSide(more)}>{more} lines on each side</Button>}
      </div>
      <Problems problems={problems} again={again} />
      {lines === undefined && asking && <Spinner />}
      {lines !== undefined && (
        <div className="context-lines" role="grid" aria-label="Lines around it" tabIndex={0} style={style}>
          {lines.map((other, at) => (
            <div key={other.id} role="presentation" className={other.id === line.id ? "context-this" : ""}>
              <Row
                id={`context-${line.id}-${other.id}`} line={other} looks={looks} place={at + 1}
                active={other.id === line.id}
              />
            </div>
          ))}
        </div>
      )}
      {data?.log === null && <p>This record is there no more.</p>}
    </div>
  );
}
