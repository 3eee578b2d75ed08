import type { ReactNode } from "react";

import { Copy } from "../../ui/Copy.tsx";
import { IconButton } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Text } from "../list/Text.tsx";
import { excludingValue, stanceTo, togglingColumn, togglingValue } from "../view/change.ts";
import type { View } from "../view/view.ts";

/** So much of a value is shown, in UTF-16 units. */
const MOST = 2_000;

interface ValueProps {
  readonly name: string;
  /** The field, as the search language calls it. */
  readonly field: string;
  readonly value: string;
  /** The value for people. */
  readonly shown?: string;
  readonly view: View;
  readonly onChange: (next: View) => void;
  /** Whether a view can be narrowed to it. */
  readonly narrows?: boolean;
}

/** A field and its value, with what can be done with it. */
export function Value({ name, field, value, shown = value, view, onChange, narrows = true }: ValueProps): ReactNode {
  const stance = stanceTo(view, field, value);
  const isColumn = view.columns.includes(field);
  const mayBeColumn = !["timestamp", "severity"].includes(field);
  return (
    <div className={`field-value field-value-${stance}`}>
      <dt><Text text={name} most={200} oneLine /></dt>
      <dd>
        <span className="field-text"><Text text={shown} most={MOST} /></span>
        <span className="field-actions">
          {narrows && (
            <>
              <IconButton
                label={`Only ${name} ${shown}`} aria-pressed={stance === "included"}
                onClick={() => onChange(togglingValue(view, field, value))}
              >
                <Icon name="plus" size={14} />
              </IconButton>
              <IconButton
                label={`Without ${name} ${shown}`} aria-pressed={stance === "excluded"}
                onClick={() => onChange(excludingValue(view, field, value))}
              >
                <Icon name="minus" size={14} />
              </IconButton>
            </>
          )}
          {mayBeColumn && (
            <IconButton
              label={isColumn ? `Hide the column ${name}` : `Show ${name} as a column`} aria-pressed={isColumn}
              onClick={() => onChange(togglingColumn(view, field))}
            >
              <Icon name="columns" size={14} />
            </IconButton>
          )}
          <Copy small text={value} what={name} />
        </span>
      </dd>
    </div>
  );
}
