/** What a view asks at one moment: the same instants for the lines, the counts and the values beside them. */
import type { ExploreQueryVariables } from "../graphql/generated/graphql.ts";
import { resolve, type Instant, type Interval } from "./time/range.ts";
import { filterOf, type Filter } from "./view/filter.ts";
import { writeView } from "./view/url.ts";
import { DEFAULT, type View } from "./view/view.ts";

/** Lines of the first page, which somebody waits for. */
const PAGE_SIZE = 200;
/** Lines of each further page. */
export const FURTHER = 500;
/** Stretches of the histogram, at most. */
export const BUCKETS = 120;

export interface Question {
  /** The same for questions that differ in nothing but when they were asked. */
  readonly key: string;
  readonly interval: Interval;
  readonly filter: Filter;
  /** The fields that are counted with it. */
  readonly fields: readonly string[];
  readonly variables: ExploreQueryVariables;
  /** Whether it is of a view that follows the log, and gets its lines elsewhere. */
  readonly live: boolean;
  /** When it was asked. */
  readonly now: Instant;
}

/** What a view asks now. */
export function questionOf(view: View, now: Instant): Question {
  const interval = resolve(view.time, now);
  const filter = filterOf(view, interval);
  const page = view.order === "newest" ? { first: PAGE_SIZE } : { last: PAGE_SIZE };
  return {
    key: questionKey(view),
    interval,
    filter,
    fields: view.fields,
    variables: { counted: filterOf(view, countedInterval(view, now)), buckets: BUCKETS, ...(!view.live && { filter, ...page }) },
    live: view.live,
    now,
  };
}

/** The interval that the histogram covers: it ends now where the lines' end is open. */
function countedInterval(view: View, now: Instant): Interval {
  const { from, to } = resolve(view.time, now);
  return from === undefined ? {} : { from, to: to ?? now };
}

/** The part of a view that changes its answer, as text: while it stays the same, nothing has to be asked again. */
export function questionKey({ query, time, levels, hosts, apps, live, order }: View): string {
  return writeView({ ...DEFAULT, query, time, levels, hosts, apps, live, order: live ? DEFAULT.order : order });
}
