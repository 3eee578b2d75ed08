import { memo, useState, type ReactNode } from "react";

import { Button, IconButton } from "../../ui/Button.tsx";
import { Field } from "../../ui/Field.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Popover } from "../../ui/Popover.tsx";
import type { View } from "../view/view.ts";
import { fromInput, toInput } from "./input.ts";
import { between, PRESETS, readLength, resolve, shifted, widened, type Range } from "./range.ts";
import { inWords } from "./words.ts";
import "./TimePicker.css";

interface TimePickerProps {
  readonly time: Range;
  readonly zone: View["clock"];
  readonly onChange: (time: Range) => void;
}

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
        trigger={<Button className="time-button" title="Choose the time">{inWords(time, zone)}<Icon name="chevron" size={12} /></Button>}
      >
        <div className="time-presets">
          {PRESETS.map((length) => {
            const isChosen = time.kind === "last" && time.length === length;
            return (
              <Button key={length} look={isChosen ? "plain" : "quiet"} aria-pressed={isChosen} onClick={() => choose({ kind: "last", length })}>
                {length}
              </Button>
            );
          })}
          <Button look={time.kind === "all" ? "plain" : "quiet"} aria-pressed={time.kind === "all"} onClick={() => choose({ kind: "all" })}>
            All time
          </Button>
        </div>
        <Other time={time} zone={zone} onChoose={choose} />
      </Popover>
      {time.kind !== "all" && (
        <>
          <IconButton look="plain" label="Earlier" onClick={move((now) => shifted(around(now), -1))}><Icon name="back" /></IconButton>
          {time.kind === "between" && (
            <IconButton look="plain" label="Later" onClick={move((now) => shifted(around(now), 1))}><Icon name="forth" /></IconButton>
          )}
          <IconButton look="plain" label="Twice as much time" onClick={move((now) => widened(around(now), now))}><Icon name="widen" /></IconButton>
        </>
      )}
    </div>
  );
});

interface OtherProps {
  readonly time: Range;
  readonly zone: View["clock"];
  readonly onChoose: (time: Range) => void;
}

/** Any other time: a length of one's own, or two instants. */
function Other({ time, zone, onChoose }: OtherProps): ReactNode {
  const now = Date.now();
  const { from = now - 3_600_000, to = now } = resolve(time, now);
  const [problem, setProblem] = useState<string>();
  const chooseLength = (values: FormData) => {
    const length = readLength(String(values.get("length")).replaceAll(/\s/g, ""));
    if (length === undefined) return setProblem("Write a number and s, m, h or d: 45m, 8h, 90d.");
    onChoose({ kind: "last", length });
  };
  const chooseInstants = (values: FormData) => {
    const [first, last] = [fromInput(String(values.get("from")), zone), fromInput(String(values.get("to")), zone)];
    if (first === undefined || last === undefined) return setProblem("Write both times.");
    if (first >= last) return setProblem("The first time has to lie before the second.");
    onChoose(between(first, last));
  };
  return (
    <>
      <form className="time-form time-length" action={chooseLength}>
        <Field label="The last" name="length" placeholder="45m" defaultValue={time.kind === "last" ? time.length : ""} autoComplete="off" />
        <Button type="submit">Show</Button>
      </form>
      <form className="time-form" action={chooseInstants}>
        <Field label={`From (${zone === "utc" ? "UTC" : "local time"})`} name="from" type="datetime-local" step="0.001" defaultValue={toInput(from, zone)} />
        <Field label="To" name="to" type="datetime-local" step="0.001" defaultValue={toInput(to, zone)} />
        <Button type="submit">Show</Button>
      </form>
      <p className="time-problem" role="alert">{problem}</p>
    </>
  );
}
