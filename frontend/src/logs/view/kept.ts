/** How somebody likes lines to look. An address that says nothing of it shows them so; one that does goes before. */
import { readView, writeView } from "./url.ts";
import { DEFAULT, type View } from "./view.ts";

const KEY = "tailwater-looks";

type Looks = Pick<View, "columns" | "wrap" | "clock" | "order">;

function looksOf({ columns, wrap, clock, order }: View): Looks {
  return { columns, wrap, clock, order };
}

/** The view of an address that says nothing. */
export function firstView(): View {
  return { ...DEFAULT, ...looksOf(readView(localStorage.getItem(KEY) ?? "")) };
}

/** Keeps the looks of a view. */
export function keepLooks(view: View): void {
  localStorage.setItem(KEY, writeView({ ...DEFAULT, ...looksOf(view) }));
}
