import { memo, type ReactNode } from "react";

import { Button } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Popover } from "../../ui/Popover.tsx";
import { togglingColumn } from "../view/change.ts";
import type { View } from "../view/view.ts";
import { COLUMNS, columnName } from "./columns.ts";
import { Text } from "./Text.tsx";
import "./ViewMenu.css";

interface ViewMenuProps {
  readonly view: View;
  readonly onChange: (next: View) => void;
  /** The attributes that lines have. */
  readonly attributes: readonly string[];
}

const MESSAGES = { cut: "One line", wrap: "Wrapped" } as const;
const TIMES = { local: "Local", utc: "UTC" } as const;
const TOPS = { newest: "Newest", oldest: "Oldest" } as const;

/** How the lines look. */
export const ViewMenu = memo(function ViewMenu({ view, onChange, attributes }: ViewMenuProps): ReactNode {
  const ofAttributes = [...new Set([...view.columns.filter((column) => column.startsWith("attributes.")), ...attributes])];
  return (
    <Popover
      label="Looks" align="end" className="looks"
      trigger={<Button look="quiet" className="filter-button"><Icon name="columns" size={14} />View</Button>}
    >
      <div className="looks-choices">
        <Choice
          label="Messages" value={view.wrap ? "wrap" : "cut"} options={MESSAGES}
          onChange={(value) => onChange({ ...view, wrap: value === "wrap" })}
        />
        <Choice label="Times" value={view.clock} options={TIMES} onChange={(clock) => onChange({ ...view, clock })} />
        {!view.live && (
          <Choice label="At the top" value={view.order} options={TOPS} onChange={(order) => onChange({ ...view, order })} />
        )}
      </div>
      <Columns label="Columns" columns={COLUMNS} view={view} onChange={onChange} />
      {ofAttributes.length > 0 && <Columns label="Attributes" columns={ofAttributes} view={view} onChange={onChange} />}
    </Popover>
  );
});

interface ColumnsProps extends Pick<ViewMenuProps, "view" | "onChange"> {
  readonly label: string;
  readonly columns: readonly string[];
}

function Columns({ label, columns, view, onChange }: ColumnsProps): ReactNode {
  return (
    <fieldset className={columns === COLUMNS ? "looks-columns" : "looks-columns looks-attributes"}>
      <legend>{label}</legend>
      {columns.map((column) => (
        <label key={column}>
          <input
            type="checkbox" checked={view.columns.includes(column)} onChange={() => onChange(togglingColumn(view, column))}
          />
          <Text text={columnName(column)} most={60} oneLine />
        </label>
      ))}
    </fieldset>
  );
}

interface ChoiceProps<Value extends string> {
  readonly label: string;
  readonly value: Value;
  readonly options: Readonly<Record<Value, string>>;
  readonly onChange: (value: Value) => void;
}

function Choice<Value extends string>({ label, value, options, onChange }: ChoiceProps<Value>): ReactNode {
  return (
    <fieldset className="looks-choice">
      <legend>{label}</legend>
      {Object.entries<string>(options).map(([option, text]) => (
        <label key={option}>
          <input type="radio" checked={option === value} onChange={() => onChange(option as Value)} />
          {text}
        </label>
      ))}
    </fieldset>
  );
}
