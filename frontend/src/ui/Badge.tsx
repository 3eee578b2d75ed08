import type { ReactNode } from "react";

import "./Badge.css";

interface BadgeProps {
  readonly kind?: "plain" | "accent" | "success" | "warning" | "error";
  readonly children: ReactNode;
}

/** A word about a thing: its state, its kind. */
export function Badge({ kind = "plain", children }: BadgeProps): ReactNode {
  return <span className={`badge badge-${kind}`}>{children}</span>;
}
