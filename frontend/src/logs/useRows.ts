/** The row that the keys speak of, and the records that are opened. */
import { useCallback, useState } from "react";

import type { Line } from "./documents.ts";
import { keyOf, type Item } from "./list/items.ts";

export interface Rows {
  readonly active: string | undefined;
  readonly opened: ReadonlySet<string>;
  /** The record of the active row. */
  readonly line: Line | undefined;
  /** Opens or closes a record, and makes its row the active one. */
  readonly toggle: (id: string) => void;
  /** The row so many further on, as far as there are rows: the place where it is. */
  readonly move: (by: number) => number | undefined;
}

const NONE: ReadonlySet<string> = new Set();

export function useRows(items: readonly Item[]): Rows {
  const [active, setActive] = useState<string>();
  const [opened, setOpened] = useState(NONE);

  const toggle = useCallback((id: string) => {
    setActive(id);
    setOpened((before) => {
      const next = new Set(before);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  }, []);

  const move = (by: number) => {
    const at = items.findIndex((item) => keyOf(item) === active);
    const from = at === -1 ? (by > 0 ? -1 : items.length) : at;
    const next = Math.min(Math.max(from + by, 0), items.length - 1);
    const item = items[next];
    if (item === undefined) return undefined;
    setActive(keyOf(item));
    return next;
  };

  const found = active === undefined ? undefined : items.find((item) => keyOf(item) === active);
  return { active, opened, line: found?.kind === "log" ? found.log : undefined, toggle, move };
}
