/** The theme: that of the system, or one that was chosen in this browser. */
import { useSyncExternalStore } from "react";

import { useMedia } from "./media.ts";

export type Theme = "system" | "light" | "dark";

export const THEMES: Readonly<Record<Theme, string>> = { system: "As the system", light: "Light", dark: "Dark" };

const KEY = "tailwater-theme";
const listeners = new Set<() => void>();

function chosen(): Theme {
  const kept = localStorage.getItem(KEY);
  return kept === "light" || kept === "dark" ? kept : "system";
}

function apply(): void {
  const theme = chosen();
  if (theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
  for (const listener of listeners) listener();
}

function choose(theme: Theme): void {
  if (theme === "system") localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, theme);
  apply();
}

/** Gives the page its theme, and goes along when another tab chooses one. */
export function followTheme(): void {
  apply();
  window.addEventListener("storage", ({ key }) => {
    if (key === KEY) apply();
  });
}

/** The theme that was chosen, and how to choose another one. */
export function useTheme(): readonly [Theme, (theme: Theme) => void] {
  const theme = useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, chosen);
  return [theme, choose];
}

const DARK = "(prefers-color-scheme: dark)";

/** Whether what is shown is dark at the moment: for what is drawn by hand and must be drawn anew. */
export function useIsDark(): boolean {
  const [theme] = useTheme();
  const systemIsDark = useMedia(DARK);
  return theme === "system" ? systemIsDark : theme === "dark";
}
