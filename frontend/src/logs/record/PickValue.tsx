import type { KeyboardEvent, ReactNode } from "react";

import { Dialog } from "../../ui/Dialog.tsx";
import { branches, isTree, leafText, type Json } from "../fields/attributes.ts";
import type { Line } from "../documents.ts";
import { columnName, fieldOf } from "../list/columns.ts";
import { Text } from "../list/Text.tsx";

/** What becomes of the value. */
export type Picking = "include" | "exclude";

const FIELDS = ["severity", "host", "app", "procid", "msgid", "facility", "address"];
/** Values of attributes that are offered. */
const MOST = 20;

interface PickValueProps {
  readonly line: Line;
  readonly picking: Picking;
  readonly onPick: (field: string, value: string) => void;
  readonly onClose: () => void;
}

/** The values of a line, for whoever narrows the view by keyboard. */
export function PickValue({ line, picking, onPick, onClose }: PickValueProps): ReactNode {
  const values = FIELDS.flatMap((field) => {
    const value = fieldOf(line, field);
    return value === undefined ? [] : [[field, value] as const];
  });
  const attributes = leaves(line.attributes as Json, "attributes").slice(0, MOST);
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const buttons = [...event.currentTarget.querySelectorAll("button")];
    const at = buttons.findIndex((button) => button === document.activeElement);
    buttons[(at + step + buttons.length) % buttons.length]?.focus();
  };
  return (
    <Dialog title={picking === "include" ? "Only lines with…" : "Only lines without…"} open onOpenChange={onClose}>
      <div className="pick" role="group" aria-label="Values of the line" onKeyDown={onKeyDown}>
        {[...values, ...attributes].map(([field, value], at) => (
          <button key={field} type="button" className="pick-value" autoFocus={at === 0} onClick={() => onPick(field, value)}>
            <span className="pick-field"><Text text={columnName(field)} most={100} oneLine /></span>
            <Text text={field === "severity" ? value.toLowerCase() : value} most={200} oneLine />
          </button>
        ))}
      </div>
    </Dialog>
  );
}

function leaves(value: Json, path: string): readonly (readonly [string, string])[] {
  if (Array.isArray(value)) return [];
  return branches(value).flatMap(([key, inside]) =>
    isTree(inside) ? leaves(inside, `${path}.${key}`) : [[`${path}.${key}`, leafText(inside)] as const],
  );
}
