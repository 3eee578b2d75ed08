/** Where things stand in the document that are not where React renders them. */
import { createContext, useContext } from "react";

/** The id of what a sign-in covers. */
export const BEHIND = "behind";

/** Where dialogs and menus go: with the page that a sign-in may cover. */
export const PortalContext = createContext<HTMLElement | null>(null);

export function usePortalRoot(): HTMLElement | null {
  return useContext(PortalContext);
}

/** Whether a sign-in covers the page. */
export function isCovered(): boolean {
  return document.getElementById(BEHIND)?.inert ?? false;
}
