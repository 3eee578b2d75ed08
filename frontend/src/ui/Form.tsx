import { useRef, useState, type FormEvent, type ReactNode } from "react";

import { explain } from "../session/explain.ts";
import { Failure } from "../session/request.ts";
import { Button } from "./Button.tsx";
import { FieldErrorsContext, type FieldErrors } from "./fieldErrors.ts";
import { Notice } from "./Notice.tsx";
import "./Form.css";

interface FormProps {
  /** What the form is for. When it fails, the form says why and keeps what was entered. */
  readonly action: (values: FormData) => Promise<void>;
  /** The text of its button, and the one while the action runs. */
  readonly submit: string;
  readonly busy: string;
  /** Whether the button takes something away for good. */
  readonly danger?: boolean;
  /** The field that a `CONFLICT` is about: a name that is taken. */
  readonly conflictAt?: string;
  /** What stands beside the button: a way out. */
  readonly beside?: ReactNode;
  readonly children?: ReactNode;
}

/** What went wrong: at a field, or with the whole. */
interface Wrong {
  readonly fields: FieldErrors;
  readonly whole?: string;
}

const NOTHING: Wrong = { fields: {} };

/** A form that does one thing, says when that fails and at which field, and does not do it twice at once. */
export function Form({ action, submit, busy, danger = false, conflictAt, beside, children }: FormProps): ReactNode {
  const form = useRef<HTMLFormElement>(null);
  const [running, setRunning] = useState(false);
  const [wrong, setWrong] = useState(NOTHING);

  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (running) return;
    setRunning(true);
    setWrong(NOTHING);
    action(new FormData(event.currentTarget))
      .catch((error: unknown) => {
        const field = fieldOf(error, conflictAt, form.current);
        setWrong(field === undefined ? { fields: {}, whole: explain(error) } : { fields: { [field.name]: explain(error) } });
        field?.focus();
      })
      .finally(() => setRunning(false));
  };

  return (
    <form ref={form} className="form" onSubmit={onSubmit} aria-busy={running}>
      <FieldErrorsContext value={wrong.fields}>{children}</FieldErrorsContext>
      {/* The place is there before the text is: only then do screen readers say it. */}
      <div role="alert">{wrong.whole !== undefined && <Notice kind="error">{wrong.whole}</Notice>}</div>
      <div className="form-actions">
        <Button look={danger ? "danger" : "primary"} type="submit" aria-disabled={running}>
          {running ? busy : submit}
        </Button>
        {beside}
      </div>
    </form>
  );
}

/** The field that an error is about: `input.scope.query` is about `scope` or `query`, whichever there is. */
function fieldOf(
  error: unknown,
  conflictAt: string | undefined,
  form: HTMLFormElement | null,
): HTMLInputElement | HTMLSelectElement | undefined {
  if (!(error instanceof Failure)) return undefined;
  const argument = error.code === "CONFLICT" ? conflictAt : error.details.argument;
  const path = argument?.split(".") ?? [];
  for (const name of path.toReversed()) {
    const field = form?.elements.namedItem(name);
    if (field instanceof HTMLInputElement || field instanceof HTMLSelectElement) return field;
  }
  return undefined;
}
