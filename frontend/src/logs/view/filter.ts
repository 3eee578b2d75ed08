/** What a view asks the server for. */
import { writeInstant, type Interval } from "../time/range.ts";
import type { Level, View } from "./view.ts";

/** The fields of a `LogFilter` that a view makes use of. */
export interface Filter {
  readonly query?: string;
  readonly from?: string;
  readonly to?: string;
  readonly severities?: Level[];
  readonly hosts?: string[];
  readonly apps?: string[];
}

/** The filter that a view means in an interval. */
export function filterOf(view: View, { from, to }: Interval): Filter {
  return {
    ...conditionsOf(view),
    ...(from !== undefined && { from: writeInstant(from) }),
    ...(to !== undefined && { to: writeInstant(to) }),
  };
}

/** The conditions of a view but for its time: what a saved search keeps, and what is followed. */
export function conditionsOf(view: View): Filter {
  return {
    ...(view.query.trim() !== "" && { query: view.query }),
    ...(view.levels.length > 0 && { severities: [...view.levels] }),
    ...(view.hosts.length > 0 && { hosts: [...view.hosts] }),
    ...(view.apps.length > 0 && { apps: [...view.apps] }),
  };
}

/** The same filter, of the records before a position alone. */
export function beforeId(filter: Filter, id: string): Filter {
  const query = filter.query ?? "";
  return { ...filter, query: query === "" ? `id<${id}` : `(${query}) id<${id}` };
}
