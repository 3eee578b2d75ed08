import { useMemo, type ReactNode } from "react";

import { read } from "./tokens.ts";

interface ColouredProps {
  readonly query: string;
  /** Where the server stopped understanding it, in characters from 1. */
  readonly wrongAt: number | undefined;
  /** How far the text is scrolled, in pixels. */
  readonly scrolled: number;
}

/** A query in colours, behind the letters of its input, which are not drawn. */
export function Coloured({ query, wrongAt, scrolled }: ColouredProps): ReactNode {
  const tokens = useMemo(() => read(query).tokens, [query]);
  // The server counts characters, the page UTF-16 units.
  const wrong = wrongAt === undefined ? undefined : [...query].slice(0, wrongAt - 1).join("").length;
  return (
    <div className="coloured" aria-hidden>
      <span style={{ transform: `translateX(${-scrolled}px)` }}>
        {tokens.map(({ kind, start, end }) => {
          const isWrong = wrong !== undefined && start <= wrong && (wrong < end || end === query.length);
          return (
            <span key={start} className={`token-${kind}${isWrong ? " token-wrong" : ""}`}>{query.slice(start, end)}</span>
          );
        })}
      </span>
    </div>
  );
}
