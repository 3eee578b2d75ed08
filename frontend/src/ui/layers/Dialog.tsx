import * as Radix from "@radix-ui/react-dialog";
import { useRef, type ReactNode } from "react";

import { IconButton } from "../Button.tsx";
import { Icon } from "../Icon.tsx";
import { usePortalRoot } from "../portal.ts";
import "./Dialog.css";

export interface DialogProps {
  readonly title: string;
  /** What it is about, in a sentence below the title. */
  readonly description?: ReactNode;
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  /** `wide` for what is more than a form. */
  readonly size?: "normal" | "wide";
  readonly children: ReactNode;
}

/** Something that has to be done, or read, before anything else. Focus stays in it and returns where it was. A click
 * beside it does not close it: what was entered, or is shown once, would be gone. */
export function Dialog({ title, description, open, onOpenChange, size = "normal", children }: DialogProps): ReactNode {
  const container = usePortalRoot();
  const opener = useRef<Element>(null);
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal container={container}>
        <Radix.Overlay className="dialog-veil">
          <Radix.Content
            className={`dialog dialog-${size}`} onInteractOutside={(event) => event.preventDefault()}
            onOpenAutoFocus={() => {
              opener.current = document.activeElement;
            }}
            onCloseAutoFocus={(event) => {
              event.preventDefault();
              if (opener.current instanceof HTMLElement) opener.current.focus();
            }}
            {...(description === undefined && { "aria-describedby": undefined })}
          >
            <header className="dialog-header">
              <Radix.Title className="dialog-title">{title}</Radix.Title>
              <Radix.Close asChild>
                <IconButton label="Close"><Icon name="close" /></IconButton>
              </Radix.Close>
            </header>
            {description !== undefined && (
              <Radix.Description className="dialog-description">{description}</Radix.Description>
            )}
            {children}
          </Radix.Content>
        </Radix.Overlay>
      </Radix.Portal>
    </Radix.Root>
  );
}
