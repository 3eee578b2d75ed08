import type { ReactNode } from "react";

import { severityName, shortSeverity } from "../../format/severities.ts";
import { Button } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Popover } from "../../ui/Popover.tsx";
import { atLeast, togglingLevel, withLevels } from "../view/change.ts";
import { LEVELS, type View } from "../view/view.ts";

interface LevelFilterProps {
  readonly view: View;
  readonly onChange: (next: View) => void;
}

/** Which levels are shown. */
export function LevelFilter({ view, onChange }: LevelFilterProps): ReactNode {
  return (
    <Popover
      label="Levels" className="filter-panel"
      trigger={<Button look="quiet" className="filter-button">{inWords(view)}<Icon name="chevron" size={12} /></Button>}
    >
      <fieldset className="filter-levels">
        <legend>Levels</legend>
        {LEVELS.map((level) => (
          <div key={level} className="filter-level">
            <label>
              <input
                type="checkbox" checked={view.levels.includes(level)} onChange={() => onChange(togglingLevel(view, level))}
              />
              <i className={`swatch swatch-${severityName(level)}`} aria-hidden />
              {severityName(level)}
            </label>
            <Button look="quiet" className="filter-least" onClick={() => onChange(atLeast(view, level))}>
              <span aria-hidden>and above</span>
              <span className="visually-hidden">{severityName(level)} and above</span>
            </Button>
          </div>
        ))}
      </fieldset>
      <Button onClick={() => onChange(withLevels(view, []))}>All levels</Button>
    </Popover>
  );
}

function inWords({ levels }: View): string {
  const [first] = levels;
  const last = levels.at(-1);
  if (first === undefined || last === undefined) return "All levels";
  const isFromTop = levels.length === LEVELS.indexOf(last) + 1;
  if (levels.length > 1 && isFromTop) return `${severityName(last)} and above`;
  const names = levels.length <= 2 ? levels.map(severityName) : levels.map((level) => shortSeverity(level).toLowerCase());
  return names.join(", ");
}
