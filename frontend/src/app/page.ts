/** A page that is loaded when it is first wanted, or a little before. */
import { lazy, type ComponentType } from "react";

export interface LazyPage {
  readonly Component: ComponentType;
  /** Begins to load it. */
  readonly load: () => void;
}

export function lazyPage(load: () => Promise<ComponentType>): LazyPage {
  let loading: Promise<{ default: ComponentType }> | undefined;
  const once = () => (loading ??= load().then((component) => ({ default: component })));
  // What cannot be loaded is said when it is shown.
  return { Component: lazy(once), load: () => void once().catch(() => {}) };
}
