import { useState } from "react";
import { useLocation, useSearch } from "wouter";

/** The address of a page as it was left, so that whoever looks elsewhere for a moment comes back to what they saw; of the
 * page that is open, its plain address. */
export function useWaysBack(): (path: string) => string {
  const [path] = useLocation();
  const search = useSearch();
  const [left, setLeft] = useState<Readonly<Record<string, string>>>({});
  if ((left[path] ?? "") !== search) setLeft({ ...left, [path]: search });
  return (to) => (to === path || !left[to] ? to : `${to}?${left[to]}`);
}
