import { memo, useState, type ReactNode } from "react";

import { Button, IconButton } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Popover } from "../../ui/Popover.tsx";
import type { View } from "../view/view.ts";
import { OtherTime } from "./OtherTime.tsx";
import { PRESETS, resolve, shifted, widened, writeRange, type Range } from "./range.ts";
import { inWords } from "./words.ts";
import "./TimePicker.css";

interface TimePickerProps {
  readonly time: Range;
  readonly zone: View["clock"];
  readonly onChange: (time: Range) => void;
}

/** The times that a click chooses. */
const OFFERED: readonly { readonly text: string; readonly range: Range }[] = [
  ...PRESETS.map((length) => ({ text: length, range: { kind: "last", length } as const })),
  { text: "All time", range: { kind: "all" } },
];

/** Which time is looked at, and the way to another one. */
export const TimePicker = memo(function TimePicker({ time, zone, onChange }: TimePickerProps): ReactNode {
  const [open, setOpen] = useState(false);
  const choose = (next: Range) => {
    setOpen(false);
    onChange(next);
  };
  const move = (how: (now: number) => Range) => () => onChange(how(Date.now()));
  const around = (now: number) => {
    const { from = now - 3_600_000, to = now } = resolve(time, now);
    return { from, to };
  };
  return (
    <div className="time" role="group" aria-label="Time">
      <Popover
        label="Time" align="end" className="time-panel" open={open} onOpenChange={setOpen}
        trigger={
          <Button className="time-button" title="Choose the time">
            {inWords(time, zone)}<Icon name="chevron" size={12} />
          </Button>
        }
      >
        <div className="time-presets">
          {OFFERED.map(({ text, range }) => {
            const isChosen = writeRange(range) === writeRange(time);
            return (
              <Button
                key={text} look={isChosen ? "plain" : "quiet"} aria-pressed={isChosen} onClick={() => choose(range)}
              >
                {text}
              </Button>
            );
          })}
        </div>
        <OtherTime time={time} zone={zone} onChoose={choose} />
      </Popover>
      {time.kind !== "all" && (
        <>
          <IconButton look="plain" label="Earlier" onClick={move((now) => shifted(around(now), -1))}>
            <Icon name="back" />
          </IconButton>
          {time.kind === "between" && (
            <IconButton look="plain" label="Later" onClick={move((now) => shifted(around(now), 1))}>
              <Icon name="forth" />
            </IconButton>
          )}
          <IconButton look="plain" label="Twice as much time" onClick={move((now) => widened(around(now), now))}>
            <Icon name="widen" />
          </IconButton>
        </>
      )}
    </div>
  );
});
