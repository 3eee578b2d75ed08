import { useId, type ReactNode } from "react";

import "./Segments.css";

interface SegmentsProps<Value extends string> {
  readonly label: string;
  readonly value: Value;
  readonly options: Readonly<Record<Value, string>>;
  readonly onChange: (value: Value) => void;
}

/** One of two or three, all of them in sight. */
export function Segments<Value extends string>({ label, value, options, onChange }: SegmentsProps<Value>): ReactNode {
  const name = useId();
  return (
    <fieldset className="segments">
      <legend className="visually-hidden">{label}</legend>
      {Object.entries<string>(options).map(([option, text]) => (
        <label key={option} className="segment">
          <input
            className="visually-hidden" type="radio" name={name} value={option}
            checked={option === value} onChange={() => onChange(option as Value)}
          />
          {text}
        </label>
      ))}
    </fieldset>
  );
}
