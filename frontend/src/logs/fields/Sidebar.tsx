import { memo, type ReactNode } from "react";

import { columnName } from "../list/columns.ts";
import type { Overview } from "../useExplore.ts";
import { togglingField } from "../view/change.ts";
import type { View } from "../view/view.ts";
import { Field } from "./Field.tsx";
import "./Sidebar.css";

/** The fields that every record may have, but those that differ from record to record. */
const COMMON = ["severity", "host", "app", "facility", "procid", "msgid", "address"];

interface SidebarProps {
  readonly view: View;
  readonly onChange: (next: View) => void;
  readonly overview: Overview | undefined;
  /** The attributes that lines have. */
  readonly attributes: readonly string[];
}

/** The commonest values of each field. A click on one narrows the view to it. */
export const Sidebar = memo(function Sidebar({ view, onChange, overview, attributes }: SidebarProps): ReactNode {
  const known = new Set([...COMMON, ...attributes]);
  // A field that is open stays where it can be closed, also when no line has it any more.
  const others = view.fields.filter((field) => !known.has(field));
  const list = (fields: readonly string[]) =>
    fields.map((field) => (
      <Field
        key={field} field={field} name={columnName(field)} view={view} onChange={onChange} overview={overview}
        open={view.fields.includes(field)} onToggle={() => onChange(togglingField(view, field))}
      />
    ));
  return (
    <aside className="sidebar" aria-label="Fields">
      <h2 className="sidebar-title">Fields</h2>
      {list(COMMON)}
      {attributes.length + others.length > 0 && <h2 className="sidebar-title">Attributes</h2>}
      {list([...attributes, ...others])}
    </aside>
  );
});
