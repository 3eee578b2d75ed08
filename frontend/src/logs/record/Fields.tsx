import type { ReactNode } from "react";

import { full } from "../../format/times.ts";
import type { Json } from "../fields/attributes.ts";
import type { Line } from "../documents.ts";
import { columnName, fieldOf } from "../list/columns.ts";
import type { View } from "../view/view.ts";
import { Attributes } from "./Attributes.tsx";
import { Value } from "./Value.tsx";

const FIELDS = ["timestamp", "received", "severity", "facility", "host", "app", "procid", "msgid", "address", "id"];
/** Fields that differ from record to record: to narrow a view to one of their values is no use. */
const INSTANTS = ["timestamp", "received"];

interface FieldsProps {
  readonly line: Line;
  readonly view: View;
  readonly onChange: (next: View) => void;
}

/** Every field of a record that has a value, and what can be done with that. */
export function Fields({ line, view, onChange }: FieldsProps): ReactNode {
  const tree = line.attributes as { readonly [key: string]: Json };
  return (
    <>
      <dl className="fields">
        {FIELDS.map((field) => {
          const value = fieldOf(line, field);
          if (value === undefined) return null;
          const shown = INSTANTS.includes(field) ? full(value, view.clock) : field === "severity" ? value.toLowerCase() : value;
          return (
            <Value
              key={field} name={columnName(field)} field={field} value={value} shown={shown} view={view} onChange={onChange}
              narrows={!INSTANTS.includes(field)}
            />
          );
        })}
      </dl>
      {Object.keys(tree).length > 0 && <Attributes tree={tree} view={view} onChange={onChange} />}
    </>
  );
}
