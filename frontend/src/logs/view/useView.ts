/** The view of the page: the one place where it lives is the address. */
import { useCallback, useMemo } from "react";
import { navigate, useSearch } from "wouter/use-browser-location";

import { firstView, keepLooks } from "./kept.ts";
import { linkTo, readView } from "./url.ts";
import type { View } from "./view.ts";

/** Goes to another view. What is asked becomes a step in the browser's history; how it looks does not. */
export type Change = (next: View) => void;

export function useView(): readonly [View, Change] {
  const search = useSearch();
  const view = useMemo(() => (search === "" ? firstView() : readView(search)), [search]);
  const change = useCallback(
    (next: View) => {
      keepLooks(next);
      navigate(linkTo(next), { replace: isSameQuestion(view, next) });
    },
    [view],
  );
  return [view, change];
}

function isSameQuestion(view: View, next: View): boolean {
  const asked = ({ query, time, levels, hosts, apps, live }: View) => JSON.stringify([query, time, levels, hosts, apps, live]);
  return asked(view) === asked(next);
}
