import type { ReactNode } from "react";

import { count as wholeCount, percent, short } from "../../format/numbers.ts";
import { Icon } from "../../ui/Icon.tsx";
import type { ValueCount } from "../documents.ts";
import { SERIES, type Bucket } from "../histogram/series.ts";
import { Text } from "../list/Text.tsx";
import type { Overview } from "../useExplore.ts";
import { excludingValue, stanceTo, togglingValue, type Stance } from "../view/change.ts";
import type { View } from "../view/view.ts";
import { useTop } from "./useTop.ts";

interface FieldProps {
  readonly field: string;
  readonly name: string;
  readonly view: View;
  readonly onChange: (next: View) => void;
  readonly overview: Overview | undefined;
  readonly open: boolean;
  readonly onToggle: () => void;
}

/** A field, and when it is open its commonest values. */
export function Field({ field, name, open, onToggle, ...rest }: FieldProps): ReactNode {
  return (
    <section className="field-values">
      <h3>
        <button type="button" className="field-name" aria-expanded={open} onClick={onToggle}>
          <Icon name="chevron" size={12} />
          <Text text={name} most={100} oneLine />
        </button>
      </h3>
      {open && <Values field={field} name={name} {...rest} />}
    </section>
  );
}

function Values({ field, name, view, onChange, overview }: Omit<FieldProps, "open" | "onToggle">): ReactNode {
  const { values, failed } = useTop(field, overview);
  const ofLevels = field === "severity" && overview?.buckets !== undefined ? byLevel(overview.buckets) : undefined;
  const shown = ofLevels ?? values;
  if (overview === undefined) return null;
  if (failed) return <p className="field-none">could not be counted</p>;
  if (shown === undefined) return <p className="field-none">counting…</p>;
  if (shown.length === 0) return <p className="field-none">no values</p>;
  const most = Math.max(...shown.map(({ count }) => count));
  const total = overview?.buckets?.reduce((sum, { count }) => sum + count, 0) ?? 0;
  return (
    <ul className="values" aria-label={`Values of ${name}`}>
      {shown.map(({ value, count }) => (
        <Value
          key={value ?? "\u0000"} field={field} name={name} value={value} count={count} most={most}
          share={total > 0 ? count / total : undefined} stance={stanceTo(view, field, value)}
          onInclude={() => onChange(togglingValue(view, field, value))}
          onExclude={() => onChange(excludingValue(view, field, value))}
        />
      ))}
    </ul>
  );
}

interface ValueProps {
  readonly field: string;
  readonly name: string;
  /** None: of the records without the field. */
  readonly value: string | null;
  readonly count: number;
  /** The count of the commonest value. */
  readonly most: number;
  /** The share of all records, where their number is known. */
  readonly share: number | undefined;
  readonly stance: Stance;
  readonly onInclude: () => void;
  readonly onExclude: () => void;
}

function Value({ field, name, value, count, most, share, stance, onInclude, onExclude }: ValueProps): ReactNode {
  const isLevel = field === "severity";
  const ofAll = share === undefined ? "" : `, ${percent(share)}`;
  const colour = isLevel ? ` swatch-${value?.toLowerCase() ?? "none"}` : "";
  return (
    <li className={`value value-${stance}`}>
      <button
        type="button" className="value-name" aria-pressed={stance === "included"}
        onClick={(event) => (event.altKey ? onExclude() : onInclude())}
        title={`${value ?? "no value"}: ${wholeCount(count)}${ofAll}\nClick to include, Alt-click to exclude`}
      >
        <i className={`value-bar${colour}`} style={{ width: `${(100 * count) / most}%` }} aria-hidden />
        <span className="value-text">
          {value === null ? <em>none</em> : <Text text={isLevel ? value.toLowerCase() : value} most={100} oneLine />}
        </span>
        <span className="value-count">{short(count)}</span>
      </button>
      <button
        type="button" className="value-exclude" aria-pressed={stance === "excluded"} title="Exclude" onClick={onExclude}
        aria-label={value === null ? `Exclude records without ${name}` : `Exclude ${name} ${value}`}
      >
        −
      </button>
    </li>
  );
}

/** The levels as the histogram counts them, the most severe first. */
function byLevel(buckets: readonly Bucket[]): readonly ValueCount[] {
  const counts = SERIES.map((level) => ({
    value: level,
    count: buckets.reduce((sum, { key, count }) => ((key ?? null) === level ? sum + count : sum), 0),
  }));
  return counts.filter(({ count }) => count > 0);
}
