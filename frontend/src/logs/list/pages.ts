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

/** Where further lines are: in the older part of the log, or in the newer one. */
export type Side = "older" | "newer";

/** Pages kept in memory; the furthest from where somebody reads leave first, and come back when they scroll there. */
const MOST_PAGES = 300;

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
export function withOlderPage<Log>({ pages, newer }: Lines<Log>, page: Page<Log>): Lines<Log> {
  return { pages: page.logs.length === 0 ? pages : [...pages, page], newer, older: page.older };
}

/** With the page before the newest one. */
export function withNewerPage<Log>({ pages, older }: Lines<Log>, page: Page<Log>): Lines<Log> {
  return { pages: page.logs.length === 0 ? pages : [page, ...pages], newer: page.newer, older };
}

/** Without the pages that are too many, at the end where nobody reads. It is done by itself, after a page came: rows that
 * come at one end and go at the other at once would move what is seen. */
export function trimmed<Log>(lines: Lines<Log>, reading: Side, most = MOST_PAGES): Lines<Log> {
  if (lines.pages.length <= most) return lines;
  return reading === "older"
    ? { ...lines, pages: lines.pages.slice(-most), newer: true }
    : { ...lines, pages: lines.pages.slice(0, most), older: true };
}

/** All records, newest first. */
export function logsOf<Log>({ pages }: Lines<Log>): readonly Log[] {
  return pages.flatMap(({ logs }) => logs);
}

/** The places to go on from. */
export function ends<Log>({ pages }: Lines<Log>): { readonly start: string | undefined; readonly end: string | undefined } {
  return { start: pages.find(({ start }) => start)?.start, end: pages.findLast(({ end }) => end)?.end };
}
