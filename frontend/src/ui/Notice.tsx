import type { ReactNode } from "react";

import "./Notice.css";

interface NoticeProps {
  readonly kind: "info" | "success" | "warning" | "error";
  readonly children: ReactNode;
}

/** A sentence or two that must not be overlooked. */
export function Notice({ kind, children }: NoticeProps): ReactNode {
  return <div className={`notice notice-${kind}`}>{children}</div>;
}
