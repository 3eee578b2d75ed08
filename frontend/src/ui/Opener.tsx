import { cloneElement, type KeyboardEvent, type MouseEvent, type ReactElement, type ReactNode } from "react";

/** What a button that opens something has to take. */
export interface Opening {
  readonly onClick?: (event: MouseEvent) => void;
  readonly onKeyDown?: (event: KeyboardEvent) => void;
  readonly onFocus?: () => void;
  readonly onPointerEnter?: () => void;
  readonly "aria-haspopup"?: "menu" | "dialog";
  readonly "aria-expanded"?: boolean;
}

/** A button that opens something. */
export type Trigger = ReactElement<Opening>;

interface OpenerProps {
  readonly trigger: Trigger;
  readonly opens: "menu" | "dialog";
  readonly onOpen: () => void;
  /** It has focus or is pointed at: it may be pressed soon. */
  readonly onNear: () => void;
}

/** The button of something that has not been opened yet, and so may not be loaded. */
export function Opener({ trigger, opens, onOpen, onNear }: OpenerProps): ReactNode {
  return cloneElement(trigger, {
    "aria-haspopup": opens,
    "aria-expanded": false,
    onFocus: onNear,
    onPointerEnter: onNear,
    onClick: onOpen,
    onKeyDown: ({ key }) => {
      if (opens === "menu" && key === "ArrowDown") onOpen();
    },
  });
}
