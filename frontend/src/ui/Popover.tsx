/** Something beside its button. All but the button is loaded when it is first wanted. */
import { useState, type ReactNode } from "react";

import type * as Layer from "./layers/Popover.tsx";
import { onDemand } from "./onDemand.ts";
import { Opener, type Trigger } from "./Opener.tsx";

const layer = onDemand<typeof Layer>(() => import("./layers/Popover.tsx"));

interface PopoverProps extends Omit<Layer.PopoverProps, "trigger"> {
  readonly trigger: Trigger;
}

export function Popover({ trigger, ...rest }: PopoverProps): ReactNode {
  const { open = false, onOpenChange } = rest;
  const [opened, setOpened] = useState(false);
  const change = (wanted: boolean) => {
    setOpened(wanted);
    onOpenChange?.(wanted);
  };
  const part = layer.usePart(opened || open, () => change(false));
  if (part === undefined) {
    return <Opener trigger={trigger} opens="dialog" onOpen={() => change(true)} onNear={layer.preload} />;
  }
  return <part.Popover trigger={trigger} {...rest} />;
}
