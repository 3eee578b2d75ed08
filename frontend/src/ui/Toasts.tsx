import { useSyncExternalStore, type ReactNode } from "react";

import { IconButton } from "./Button.tsx";
import { Icon } from "./Icon.tsx";
import { dismiss, toasts } from "./toasts.ts";
import "./Toasts.css";

/** The corner where they appear; one a page. */
export function Toasts(): ReactNode {
  const shown = useSyncExternalStore(toasts.subscribe, toasts.now);
  return (
    <div className="toasts" role="status">
      {shown.map(({ id, kind, text }) => (
        <div key={id} className={`toast toast-${kind}`}>
          <Icon name={kind === "success" ? "check" : "warning"} />
          <span>{text}</span>
          <IconButton label="Dismiss" onClick={() => dismiss(id)}><Icon name="close" size={14} /></IconButton>
        </div>
      ))}
    </div>
  );
}
