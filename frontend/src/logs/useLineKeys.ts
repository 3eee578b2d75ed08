/** The keys that move among lines and do something with the active one. */
import { useShortcut } from "../ui/shortcuts.ts";
import type { Picking } from "./record/PickValue.tsx";
import type { Rows } from "./useRows.ts";

interface Does {
  readonly rows: Rows;
  readonly move: (by: number) => void;
  readonly toggle: (id: string) => void;
  /** Opens what is around a record. */
  readonly around: (id: string) => void;
  readonly pick: (picking: Picking) => void;
}

const GROUP = "Lines";

export function useLineKeys({ rows, move, toggle, around, pick }: Does): void {
  const { active, line } = rows;
  useShortcut({ keys: "j", does: "Next line", group: GROUP }, () => move(1));
  useShortcut({ keys: "k", does: "Line before", group: GROUP }, () => move(-1));
  // They are named in the help, too, while there is no line that they could speak of.
  useShortcut({ keys: "Enter", does: "Open or close the line", group: GROUP }, () => active !== undefined && toggle(active));
  useShortcut({ keys: "c", does: "What is around the line", group: GROUP }, () => line !== undefined && around(line.id));
  useShortcut({ keys: "f", does: "Only lines with a value of this one", group: GROUP }, () => line !== undefined && pick("include"));
  useShortcut({ keys: "x", does: "Lines without a value of this one", group: GROUP }, () => line !== undefined && pick("exclude"));
}
