import { useId, type ComponentProps, type ReactNode } from "react";

import { useFieldError } from "./fieldErrors.ts";
import "./Field.css";

interface Labelled {
  readonly label: string;
  /** What may be entered, said before anybody errs. */
  readonly hint?: ReactNode;
  /** What is wrong with what was entered; what the form says of the field by its name, unless it is given. */
  readonly error?: string | undefined;
}

interface FieldProps extends Omit<ComponentProps<"input">, "id">, Labelled {}

/** An input with its label, a hint, and what is wrong with it. */
export function Field({ label, hint, error, ...input }: FieldProps): ReactNode {
  const field = useField(input.name, hint, error);
  return (
    <div className="field">
      <label htmlFor={field.id}>{label}</label>
      <input {...field.attributes} {...input} />
      {field.words}
    </div>
  );
}

interface SelectProps extends Omit<ComponentProps<"select">, "id">, Labelled {}

/** A choice of a few; its options are the children. */
export function Select({ label, hint, error, ...select }: SelectProps): ReactNode {
  const field = useField(select.name, hint, error);
  return (
    <div className="field">
      <label htmlFor={field.id}>{label}</label>
      <select {...field.attributes} {...select} />
      {field.words}
    </div>
  );
}

interface CheckboxProps extends Omit<ComponentProps<"input">, "id" | "type">, Labelled {}

/** Yes or no. */
export function Checkbox({ label, hint, error, ...input }: CheckboxProps): ReactNode {
  const field = useField(input.name, hint, error);
  return (
    <div className="field">
      <div className="field-checkbox">
        <input type="checkbox" {...field.attributes} {...input} />
        <label htmlFor={field.id}>{label}</label>
      </div>
      {field.words}
    </div>
  );
}

function useField(name: string | undefined, hint: ReactNode, given: string | undefined) {
  const id = useId();
  const ofForm = useFieldError(name);
  const error = given ?? ofForm;
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ");
  return {
    id,
    attributes: { id, "aria-describedby": described || undefined, "aria-invalid": error !== undefined },
    words: (
      <>
        {hint && <p className="field-hint" id={`${id}-hint`}>{hint}</p>}
        {error && <p className="field-error" id={`${id}-error`}>{error}</p>}
      </>
    ),
  };
}
