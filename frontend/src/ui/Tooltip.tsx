import * as Radix from "@radix-ui/react-tooltip";
import type { ReactNode } from "react";

import { portalRoot } from "./portal.ts";
import "./floating.css";
import "./Tooltip.css";

interface TooltipProps {
  /** What it says: more than the thing itself, never all there is to know of it. */
  readonly text: ReactNode;
  /** The thing: something that can have focus. */
  readonly children: ReactNode;
}

/** A few words beside what is pointed at or has focus. */
export function Tooltip({ text, children }: TooltipProps): ReactNode {
  return (
    <Radix.Provider delayDuration={400}>
      <Radix.Root>
        <Radix.Trigger asChild>{children}</Radix.Trigger>
        <Radix.Portal container={portalRoot()}>
          <Radix.Content className="floating tooltip" sideOffset={4} collisionPadding={8}>{text}</Radix.Content>
        </Radix.Portal>
      </Radix.Root>
    </Radix.Provider>
  );
}
