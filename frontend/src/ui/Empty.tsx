import type { ReactNode } from "react";

import "./Empty.css";

interface EmptyProps {
  /** What is not there. */
  readonly title: string;
  /** Why, and what to do about it. */
  readonly children?: ReactNode;
}

/** In the place of what there is none of. */
export function Empty({ title, children }: EmptyProps): ReactNode {
  return (
    <div className="empty">
      <p className="empty-title">{title}</p>
      {children}
    </div>
  );
}
