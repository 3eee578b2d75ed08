import type { ReactNode } from "react";

import { ago, full } from "../format/times.ts";

interface AgoProps {
  /** When, as the server says it; null: never. */
  readonly at: string | null;
  /** What stands there when it is null. */
  readonly never?: string;
  readonly now: number;
}

/** How long ago something was, and exactly when for whoever points at it. */
export function Ago({ at, never = "never", now }: AgoProps): ReactNode {
  if (at === null) return <span className="soft">{never}</span>;
  return <time dateTime={at} title={full(at, "local")}>{ago(at, now)}</time>;
}
