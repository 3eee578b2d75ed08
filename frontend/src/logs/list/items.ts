/** The rows of the list, of whichever kind. */
import type { Line } from "../documents.ts";
import type { LiveRow } from "../live/buffer.ts";

export type Item = LiveRow<Line>;

/** What a row is told from others by. */
export function keyOf(item: Item): string {
  return item.kind === "log" ? item.log.id : `lost ${item.key}`;
}

/** The rows of records. */
export function itemsOf(logs: readonly Line[], order: "newest" | "oldest"): readonly Item[] {
  const items = logs.map((log) => ({ kind: "log", log }) as const);
  return order === "newest" ? items : items.toReversed();
}
