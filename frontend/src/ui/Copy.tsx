import { useEffect, useState, type ReactNode } from "react";

import { Button } from "./Button.tsx";
import { copy } from "./clipboard.ts";
import { Icon } from "./Icon.tsx";

interface CopyProps {
  /** What is copied. */
  readonly text: string;
  /** What it is, for those who do not see beside what the button stands: `the token`. */
  readonly what: string;
  /** Whether the button is an icon alone. */
  readonly small?: boolean;
}

/** How long a button says that it has copied, in milliseconds. */
const SAID = 2_000;

/** A button that copies, and says so. */
export function Copy({ text, what, small = false }: CopyProps): ReactNode {
  const [state, setState] = useState<"idle" | "copied" | "failed">("idle");
  useEffect(() => {
    if (state === "idle") return;
    const timer = setTimeout(() => setState("idle"), SAID);
    return () => clearTimeout(timer);
  }, [state]);
  const words = WORDS[state];
  return (
    <>
      <Button
        look={small ? "quiet" : "plain"} className={small ? "button-icon" : ""} aria-label={`Copy: ${what}`} title={words}
        onClick={() => void copy(text).then(() => setState("copied"), () => setState("failed"))}
      >
        <Icon name={ICONS[state]} />
        {!small && words}
      </Button>
      <span className="visually-hidden" role="status">{state !== "idle" && words}</span>
    </>
  );
}

const WORDS = { idle: "Copy", copied: "Copied", failed: "Select it and press Ctrl+C" } as const;
const ICONS = { idle: "copy", copied: "check", failed: "warning" } as const;
