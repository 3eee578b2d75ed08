import { useMemo, type ReactNode } from "react";

import type { Line } from "../documents.ts";
import { columnName } from "../list/columns.ts";
import type { Overview } from "../useExplore.ts";
import { togglingField } from "../view/change.ts";
import type { View } from "../view/view.ts";
import { commonPaths, type Json } from "./attributes.ts";
import { Field } from "./Field.tsx";
import "./Sidebar.css";

/** The fields that every record may have, but those that differ from record to record. */
const COMMON = ["severity", "host", "app", "facility", "procid", "msgid", "address"];
/** Attributes that are offered, and lines that are looked through for them. */
const MOST_ATTRIBUTES = 40;
const LOOKED_AT = 500;

interface SidebarProps {
  readonly view: View;
  readonly onChange: (next: View) => void;
  readonly overview: Overview | undefined;
  readonly logs: readonly Line[];
}

/** The commonest values of each field. A click on one narrows the view to it. */
export function Sidebar({ view, onChange, overview, logs }: SidebarProps): ReactNode {
  const attributes = useAttributes(logs);
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
}

/** The attributes that the newest lines have, as fields of the search language. */
export function useAttributes(logs: readonly Line[]): readonly string[] {
  const looked = logs.slice(0, LOOKED_AT);
  const paths = commonPaths(looked.map(({ attributes }) => attributes as Json), MOST_ATTRIBUTES).toSorted();
  const text = paths.join("\n");
  // The same list while it says the same: lines come more often than names.
  return useMemo(() => (text === "" ? [] : text.split("\n").map((path) => `attributes.${path}`)), [text]);
}
