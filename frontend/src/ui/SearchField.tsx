import { useEffect, useRef, useState, type ReactNode } from "react";

import { Icon } from "./Icon.tsx";
import { useShortcut } from "./shortcuts.ts";
import "./SearchField.css";

interface SearchFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** How long a pause ends what is being typed, in milliseconds. */
const PAUSE = 250;

/** A field that narrows a list while it is typed into. `/` leads there. */
export function SearchField({ label, value, onChange }: SearchFieldProps): ReactNode {
  const input = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState(value);
  const [known, setKnown] = useState(value);
  if (known !== value) {
    setKnown(value);
    setTyped(value);
  }
  useShortcut({ keys: "/", does: label, group: "This page" }, () => input.current?.select());
  useEffect(() => {
    if (typed === value) return;
    const timer = setTimeout(() => onChange(typed), PAUSE);
    return () => clearTimeout(timer);
  }, [typed, value, onChange]);
  return (
    <div className="search-field">
      <Icon name="search" />
      <input
        ref={input} type="search" aria-label={label} placeholder={label} spellCheck={false} autoComplete="off"
        value={typed} onChange={({ target }) => setTyped(target.value)}
      />
    </div>
  );
}
