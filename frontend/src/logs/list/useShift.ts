import { useRef } from "react";

import { keyOf, type Item } from "./items.ts";

/** Whether rows have come or gone before the first one, and nowhere else: then what is seen has to stay in place. */
export function useShift(items: readonly Item[]): boolean {
  const before = useRef({ items, shift: false });
  if (before.current.items !== items) before.current = { items, shift: isShift(before.current.items, items) };
  return before.current.shift;
}

function isShift(before: readonly Item[], items: readonly Item[]): boolean {
  const [first, last] = [items[0], items.at(-1)];
  const [oldFirst, oldLast] = [before[0], before.at(-1)];
  if (first === undefined || last === undefined || oldFirst === undefined || oldLast === undefined) return false;
  return keyOf(last) === keyOf(oldLast) && keyOf(first) !== keyOf(oldFirst);
}
