/** What the page shows, as its address says it. */
import { useCallback } from "react";
import { useSearchParams } from "wouter";

import { SORT_KEYS, type By, type SortKey } from "./groups.ts";
import type { Sort } from "../ui/SortHead.tsx";

export interface SourcesView {
  readonly by: By;
  readonly text: string;
  readonly sort: Sort<SortKey>;
}

const USUAL: SourcesView = { by: "host", text: "", sort: { by: "silent", descending: false } };

/** Reads an address; what it says that nobody understands is passed over. */
export function readSourcesView(parts: URLSearchParams): SourcesView {
  const sort = parts.get("sort") ?? "";
  const key = SORT_KEYS.find((known) => known === sort.replace(/^-/, ""));
  return {
    by: parts.get("by") === "app" ? "app" : USUAL.by,
    text: parts.get("q") ?? "",
    sort: key === undefined ? USUAL.sort : { by: key, descending: sort.startsWith("-") },
  };
}

/** The address of a view: only what is not as usual. */
export function writeSourcesView({ by, text, sort }: SourcesView): URLSearchParams {
  const parts = new URLSearchParams();
  if (by !== USUAL.by) parts.set("by", by);
  if (text !== "") parts.set("q", text);
  if (sort.by !== USUAL.sort.by) parts.set("sort", `${sort.descending ? "-" : ""}${sort.by}`);
  return parts;
}

/** The view, and how to change it. */
export function useSourcesView(): readonly [SourcesView, (change: Partial<SourcesView>) => void] {
  const [parts, setParts] = useSearchParams();
  const change = useCallback(
    (changed: Partial<SourcesView>) => {
      setParts((now) => writeSourcesView({ ...readSourcesView(now), ...changed }), { replace: true });
    },
    [setParts],
  );
  return [readSourcesView(parts), change];
}
