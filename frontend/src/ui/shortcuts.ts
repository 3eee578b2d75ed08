/** The one registry of keys. What is on the page says which keys it takes and what they do; the help lists them. */
import { useEffect, useEffectEvent, useSyncExternalStore } from "react";

import { isCovered } from "./portal.ts";

export interface Shortcut {
  /** As `KeyboardEvent.key` has it: `/`, `j`, `Enter`, a space; `g s` is one after the other. */
  readonly keys: string;
  /** What it does, for the help. */
  readonly does: string;
  /** What it belongs to, for the help. */
  readonly group: string;
}

interface Registered extends Shortcut {
  readonly run: (event: KeyboardEvent) => void;
}

/** How long after the first key of two the second may come, in milliseconds. */
const TOGETHER = 1_000;

let registered: readonly Registered[] = [];
let pending: { readonly key: string; readonly at: number } | undefined;
const listeners = new Set<() => void>();

/** Takes a key for as long as the component is on the page and `when` holds. The newest of two that take it gets it. */
export function useShortcut(shortcut: Shortcut, run: (event: KeyboardEvent) => void, when = true): void {
  const { keys, does, group } = shortcut;
  const onKey = useEffectEvent(run);
  useEffect(() => {
    if (!when) return;
    const own: Registered = { keys, does, group, run: (event) => onKey(event) };
    become([...registered, own]);
    return () => become(registered.filter((other) => other !== own));
  }, [keys, does, group, when]);
}

/** The keys that do something at the moment. */
export function useShortcuts(): readonly Shortcut[] {
  return useSyncExternalStore(subscribe, () => registered);
}

function become(next: readonly Registered[]): void {
  if (registered.length === 0 && next.length > 0) window.addEventListener("keydown", onKeyDown);
  if (next.length === 0) window.removeEventListener("keydown", onKeyDown);
  registered = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function onKeyDown(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (isCovered() || isForItself(event)) return;
  const first = pending !== undefined && event.timeStamp - pending.at < TOGETHER ? pending.key : undefined;
  pending = undefined;
  const found = (first !== undefined && newest(`${first} ${event.key}`)) || newest(event.key);
  if (found) {
    event.preventDefault();
    found.run(event);
  } else if (registered.some(({ keys }) => keys.startsWith(`${event.key} `))) {
    pending = { key: event.key, at: event.timeStamp };
  }
}

function newest(keys: string): Registered | undefined {
  return registered.findLast((shortcut) => shortcut.keys === keys);
}

/** What takes text takes every key; what opened above the page, too. */
const TAKES_ALL = [
  "input:not([type='checkbox'], [type='radio'], [type='button'])", "textarea", "select", "[contenteditable='true']",
  "[role='dialog']", "[role='menu']", "[role='listbox']",
].join();
/** What can be pressed takes the keys that press it. */
const TAKES_PRESS = "a[href], button, input, summary, [role='tab'], [role='slider']";

function isForItself({ target, key }: KeyboardEvent): boolean {
  if (!(target instanceof Element)) return false;
  const presses = key === "Enter" || key === " ";
  return target.closest(presses ? `${TAKES_ALL}, ${TAKES_PRESS}` : TAKES_ALL) !== null;
}
