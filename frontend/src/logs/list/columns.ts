/** The columns of the list: what of a record each shows, and how much room it takes. */
import { leafText, valueAt, type Json } from "../fields/attributes.ts";
import type { Line } from "../documents.ts";

/** Columns that every record has, by the names of the search language. */
export const COLUMNS = ["host", "app", "procid", "msgid", "facility", "address", "received", "id"] as const;

/** The name of a column for people. */
export function columnName(column: string): string {
  return column.startsWith("attributes.") ? column.slice("attributes.".length) : column;
}

/** What a record has in a field of the search language; none where it has nothing. */
export function fieldOf(line: Line, field: string): string | undefined {
  switch (field) {
    case "message":
      return line.message;
    case "severity":
      return line.severity ?? undefined;
    case "facility":
      return line.facility?.toLowerCase();
    case "host":
      return line.host ?? undefined;
    case "app":
      return line.app ?? undefined;
    case "procid":
      return line.procId ?? undefined;
    case "msgid":
      return line.msgId ?? undefined;
    case "address":
      return line.source.address;
    case "id":
      return line.id;
    case "timestamp":
      return line.timestamp;
    case "received":
      return line.receivedAt;
  }
  const value = valueAt(line.attributes as Json, field.replace(/^attr(ibutes)?\./, ""));
  return value === undefined ? undefined : leafText(value);
}

/** How wide a column is, in characters. */
function width(column: string): number {
  switch (column) {
    case "host":
      return 14;
    case "app":
      return 14;
    case "received":
      return 23;
    case "address":
      return 15;
    default:
      return column.startsWith("attributes.") ? 16 : 9;
  }
}

/** The tracks of the grid that a row is: time, level, the columns, and the message with all that is left. */
export function tracks(columns: readonly string[], withDay: boolean): string {
  const chosen = columns.map((column) => `${width(column)}ch`);
  return [withDay ? "18.5ch" : "12.5ch", "5ch", ...chosen, "minmax(0, 1fr)"].join(" ");
}
