/** A record as text to take along. */
import type { Line } from "../documents.ts";
import { linkTo } from "../view/url.ts";
import type { View } from "../view/view.ts";

/** A record as its fields in JSON. */
export function asJson({ source, ...line }: Line): string {
  return JSON.stringify({ ...line, address: source.address }, undefined, 2);
}

/** A record in one line, as a terminal shows it. */
export function asLine({ timestamp, host, app, procId, severity, message }: Line): string {
  const program = [app, procId && `[${procId}]`].filter(Boolean).join("");
  return [timestamp, host, program, severity, message].filter(Boolean).join(" ");
}

/** The address that shows a record, over the view that it was found in, to whoever may see it. */
export function asLink({ id }: Line, view: View): string {
  return new URL(linkTo({ ...view, live: false, record: id }), window.location.href).href;
}
