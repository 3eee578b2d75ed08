import type { ReactNode } from "react";

import "./Spinner.css";

/** Something is on its way. It shows itself only when that takes a while. */
export function Spinner({ label = "Loading" }: { readonly label?: string }): ReactNode {
  return (
    <div className="spinner" role="status">
      <span className="spinner-ring" aria-hidden />
      <span>{label}…</span>
    </div>
  );
}
