/** Where things stand in the document that are not where React renders them. */

/** The id of what a sign-in covers. */
export const BEHIND = "behind";
/** The id of what covers it. */
export const GATE = "gate";

/** Where dialogs and menus go: with the page behind the sign-in, if there is one. */
export function portalRoot(): HTMLElement {
  return document.getElementById(BEHIND) ?? document.body;
}

/** Keeps a dialog open when the sign-in that covers it is clicked. */
export function unlessGate(event: Event): void {
  const { target } = event;
  if (target instanceof Element && target.closest(`#${GATE}`) !== null) event.preventDefault();
}

/** Whether a sign-in covers the page. */
export function isCovered(): boolean {
  return document.getElementById(BEHIND)?.inert ?? false;
}
