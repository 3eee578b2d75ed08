import { useMemo } from "react";

import type { Item } from "../list/items.ts";
import { useSettled } from "../useSettled.ts";
import { commonPaths, type Json } from "./attributes.ts";

/** Attributes that are offered, and lines that are looked through for them. */
const MOST = 40;
const LOOKED_AT = 500;
/** How often lines that come by themselves are looked through, in milliseconds. */
const EVERY = 1_000;

/** The attributes that lines have, as fields of the search language. */
export function useAttributes(items: readonly Item[], live: boolean): readonly string[] {
  const settled = useSettled(items, EVERY);
  const text = useMemo(() => {
    // What is followed grows at its end.
    const looked = live ? settled.slice(-LOOKED_AT) : settled.slice(0, LOOKED_AT);
    const found = looked.flatMap((item) => (item.kind === "log" ? [item.log.attributes as Json] : []));
    return commonPaths(found, MOST).toSorted().join("\n");
  }, [settled, live]);
  // The same list while it says the same: lines come more often than names.
  return useMemo(() => (text === "" ? [] : text.split("\n").map((path) => `attributes.${path}`)), [text]);
}
