/** Something that has to be done, or read, before anything else. It is loaded when the first one is opened. */
import { useState, type ReactNode } from "react";

import type * as Layer from "./layers/Dialog.tsx";
import { onDemand } from "./onDemand.ts";

const layer = onDemand<typeof Layer>(() => import("./layers/Dialog.tsx"));

export function Dialog(props: Layer.DialogProps): ReactNode {
  const { open, onOpenChange } = props;
  // It stays once it was open: only so it sees itself being closed, and gives focus back.
  const [opened, setOpened] = useState(open);
  if (open && !opened) setOpened(true);
  const part = layer.usePart(opened, () => onOpenChange(false));
  return part === undefined ? null : <part.Dialog {...props} />;
}
