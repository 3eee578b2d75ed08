/** The lines of Explore: a stretch of the log that grows at both ends, a page at a time. A value. */

import type { LinePageFragment } from "../../graphql/generated/graphql.ts";
import type { Line } from "../documents.ts";

/** A page of records, newest first, and what is beyond it. */
export interface Page<Log> {
  readonly logs: readonly Log[];
  readonly start: string | undefined;
  readonly end: string | undefined;
  readonly older: boolean;
  readonly newer: boolean;
}

export interface Lines<Log> {
  /** The pages, the newest first. */
  readonly pages: readonly Page<Log>[];
  /** Whether there may be records newer than the first page. */
  readonly newer: boolean;
  readonly older: boolean;
}

/** Pages kept in memory; the furthest from where somebody reads leave first, and come back when they scroll there. */
export const MOST_PAGES = 600;

/** A page as the server gives it. */
export function pageOf({ edges, pageInfo }: LinePageFragment): Page<Line> {
  return {
    logs: edges.map(({ node }) => node),
    start: pageInfo.startCursor ?? undefined,
    end: pageInfo.endCursor ?? undefined,
    older: pageInfo.hasNextPage,
    newer: pageInfo.hasPreviousPage,
  };
}

/** The lines of a first page. */
export function linesOf<Log>(page: Page<Log>): Lines<Log> {
  return { pages: [page], newer: page.newer, older: page.older };
}

/** With the page after the oldest one. */
export function withOlderPage<Log>({ pages, newer }: Lines<Log>, page: Page<Log>, most = MOST_PAGES): Lines<Log> {
  const all = page.logs.length === 0 ? pages : [...pages, page];
  const kept = all.slice(-most);
  return { pages: kept, newer: newer || kept.length < all.length, older: page.older };
}

/** With the page before the newest one. */
export function withNewerPage<Log>(lines: Lines<Log>, page: Page<Log>, most = MOST_PAGES): Lines<Log> {
  const all = page.logs.length === 0 ? lines.pages : [page, ...lines.pages];
  const kept = all.slice(0, most);
  return { pages: kept, newer: page.newer, older: lines.older || kept.length < all.length };
}

/** All records, newest first. */
export function logsOf<Log>({ pages }: Lines<Log>): readonly Log[] {
  return pages.flatMap(({ logs }) => logs);
}

/** The places to go on from. */
export function ends<Log>({ pages }: Lines<Log>): { readonly start: string | undefined; readonly end: string | undefined } {
  return { start: pages.find(({ start }) => start)?.start, end: pages.findLast(({ end }) => end)?.end };
}
