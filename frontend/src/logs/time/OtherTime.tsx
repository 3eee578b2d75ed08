import { useState, type ReactNode } from "react";

import type { Zone } from "../../format/times.ts";
import { Button } from "../../ui/Button.tsx";
import { Field } from "../../ui/Field.tsx";
import { fromInput, toInput } from "./input.ts";
import { between, readLength, resolve, type Range } from "./range.ts";

interface OtherTimeProps {
  readonly time: Range;
  readonly zone: Zone;
  readonly onChoose: (time: Range) => void;
}

/** Any other time: a length of one's own, or two instants. */
export function OtherTime({ time, zone, onChoose }: OtherTimeProps): ReactNode {
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
        <Field
          label="The last" name="length" placeholder="45m" autoComplete="off"
          defaultValue={time.kind === "last" ? time.length : ""}
        />
        <Button type="submit">Show</Button>
      </form>
      <form className="time-form" action={chooseInstants}>
        <Field
          label={`From (${zone === "utc" ? "UTC" : "local time"})`} name="from" type="datetime-local" step="0.001"
          defaultValue={toInput(from, zone)}
        />
        <Field label="To" name="to" type="datetime-local" step="0.001" defaultValue={toInput(to, zone)} />
        <Button type="submit">Show</Button>
      </form>
      <p className="time-problem" role="alert">{problem}</p>
    </>
  );
}
