import * as Radix from "@radix-ui/react-popover";
import type { ReactNode } from "react";

import { usePortalRoot } from "../portal.ts";
import "./floating.css";

export interface PopoverProps {
  /** The button that opens it. */
  readonly trigger: ReactNode;
  /** What it is, for those who do not see where it stands. */
  readonly label: string;
  /** For whoever opens and closes it from outside. */
  readonly open?: boolean;
  readonly onOpenChange?: (open: boolean) => void;
  readonly align?: "start" | "center" | "end";
  readonly className?: string;
  readonly children: ReactNode;
}

/** Something beside its button, with focus in it until it is closed: the part that is loaded when the first one is
 * wanted. */
export function Popover({ trigger, label, align = "start", className = "", children, ...root }: PopoverProps): ReactNode {
  const container = usePortalRoot();
  return (
    <Radix.Root {...root} defaultOpen>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal container={container}>
        <Radix.Content
          className={`floating ${className}`.trimEnd()} aria-label={label} align={align} sideOffset={4} collisionPadding={8}
        >
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
