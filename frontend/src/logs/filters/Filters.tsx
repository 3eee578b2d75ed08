import { memo, type ReactNode } from "react";

import { Icon } from "../../ui/Icon.tsx";
import { Text } from "../list/Text.tsx";
import { isNarrow, withoutConditions, withoutValue } from "../view/change.ts";
import type { View } from "../view/view.ts";
import { LevelFilter } from "./LevelFilter.tsx";
import { SourceFilter } from "./SourceFilter.tsx";
import "./Filters.css";

interface FiltersProps {
  readonly view: View;
  readonly onChange: (next: View) => void;
}

/** What narrows the view beside its query. */
export const Filters = memo(function Filters({ view, onChange }: FiltersProps): ReactNode {
  const chips = (field: string, values: readonly string[]) =>
    values.map((value) => (
      <Chip key={value} name={field} value={value} onRemove={() => onChange(withoutValue(view, field, value))} />
    ));
  return (
    <div className="filters" role="group" aria-label="Filters">
      <LevelFilter view={view} onChange={onChange} />
      <SourceFilter view={view} onChange={onChange} />
      {chips("host", view.hosts)}
      {chips("app", view.apps)}
      {isNarrow(view) && (
        <button type="button" className="filters-clear" onClick={() => onChange(withoutConditions(view))}>Clear all</button>
      )}
    </div>
  );
});

interface ChipProps {
  readonly name: string;
  readonly value: string;
  readonly onRemove: () => void;
}

function Chip({ name, value, onRemove }: ChipProps): ReactNode {
  return (
    <span className="chip">
      <span className="chip-name">{name}</span>
      <span className="chip-value"><Text text={value} most={100} oneLine /></span>
      <button type="button" className="chip-remove" aria-label={`No longer only ${name} ${value}`} onClick={onRemove}>
        <Icon name="close" size={12} />
      </button>
    </span>
  );
}
