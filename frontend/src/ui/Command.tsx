import type { ReactNode } from "react";

import { Copy } from "./Copy.tsx";
import "./Command.css";

interface CommandProps {
  /** What it does, in a few words. */
  readonly label: string;
  readonly text: string;
}

/** A command, or the lines of a file, to be copied. */
export function Command({ label, text }: CommandProps): ReactNode {
  return (
    <figure className="command-figure">
      <figcaption>{label}</figcaption>
      <div className="command-frame">
        <pre className="command" tabIndex={0} aria-label={label}><code>{text}</code></pre>
        <Copy text={text} what={label} small />
      </div>
    </figure>
  );
}
