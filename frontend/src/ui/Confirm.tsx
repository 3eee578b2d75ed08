import type { ReactNode } from "react";

import { Button } from "./Button.tsx";
import { Dialog } from "./Dialog.tsx";
import { Form } from "./Form.tsx";

interface ConfirmProps {
  readonly title: string;
  /** What will happen, and what will not be undone. */
  readonly children: ReactNode;
  /** The text of the button that does it, and the one meanwhile. */
  readonly submit: string;
  readonly busy: string;
  /** Whether it takes something away for good. */
  readonly danger?: boolean;
  readonly action: () => Promise<void>;
  readonly onClose: () => void;
}

/** Asks before something is done; closes when it is done, and says why when it cannot be. */
export function Confirm({ title, children, submit, busy, danger = true, action, onClose }: ConfirmProps): ReactNode {
  const confirmed = async () => {
    await action();
    onClose();
  };
  return (
    <Dialog title={title} description={children} open onOpenChange={onClose}>
      <Form
        action={confirmed} submit={submit} busy={busy} danger={danger}
        beside={<Button onClick={onClose}>Cancel</Button>}
      />
    </Dialog>
  );
}
