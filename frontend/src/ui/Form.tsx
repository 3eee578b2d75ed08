import { useState, type FormEvent, type ReactNode } from "react";

import { explain } from "../session/explain.ts";
import { Button } from "./Button.tsx";
import { Notice } from "./Notice.tsx";

interface FormProps {
  /** What the form is for. When it fails, the form says why and keeps what was entered. */
  readonly action: (values: FormData) => Promise<void>;
  /** The text of its button, and the one while the action runs. */
  readonly submit: string;
  readonly busy: string;
  readonly children: ReactNode;
}

/** A form that does one thing, says when that fails, and does not do it twice at once. */
export function Form({ action, submit, busy, children }: FormProps): ReactNode {
  const [running, setRunning] = useState(false);
  const [problem, setProblem] = useState<string>();

  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (running) return;
    setRunning(true);
    setProblem(undefined);
    action(new FormData(event.currentTarget))
      .catch((error: unknown) => setProblem(explain(error)))
      .finally(() => setRunning(false));
  };

  return (
    <form className="form" onSubmit={onSubmit} aria-busy={running}>
      {children}
      {/* The place is there before the text is: only then do screen readers say it. */}
      <div role="alert">{problem !== undefined && <Notice kind="error">{problem}</Notice>}</div>
      <Button look="primary" type="submit" aria-disabled={running}>{running ? busy : submit}</Button>
    </form>
  );
}
