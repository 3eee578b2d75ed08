import { memo, type ReactNode } from "react";

import type { Finder } from "./highlight.ts";
import { piecesOf } from "./pieces.ts";
import "./Text.css";

interface TextProps {
  readonly text: string;
  /** What of it is marked. */
  readonly find?: Finder;
  /** Only so much of it is shown, in UTF-16 units. */
  readonly most: number;
  /** Whether it stands in one line. */
  readonly oneLine?: boolean;
}

/** A text from the wild, on its own: whatever is in it changes nothing around it. */
export const Text = memo(function Text({ text, find, most, oneLine = false }: TextProps): ReactNode {
  const { pieces, hidden } = piecesOf(text, { ...(find && { find }), most, oneLine });
  return (
    <bdi className="wild">
      {pieces.map(({ text, className, marked, title }, at) => {
        if (marked) return <mark key={at} className={className} title={title}>{text}</mark>;
        if (className !== "") return <span key={at} className={className} title={title}>{text}</span>;
        return text;
      })}
      {hidden > 0 && "…"}
    </bdi>
  );
});
