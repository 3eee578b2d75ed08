/** Sources gathered by host or by program: what a person asks after. */
import type { SourcesQuery } from "../graphql/generated/graphql.ts";
import type { Sort } from "../ui/SortHead.tsx";

/** A source as the server tells of it. */
export type Source = NonNullable<SourcesQuery["sources"]>["edges"][number]["node"];
/** A count of a minute, of a host or of a program. */
export type Minute = NonNullable<SourcesQuery["histogram"]>[number];

/** What sources are gathered by. */
export type By = "host" | "app";

export interface Group {
  /** The host or the program; null for the records that name none. */
  readonly name: string | null;
  /** The programs of the host, or the hosts of the program, those that sent most first. */
  readonly parts: readonly (string | null)[];
  readonly addresses: readonly string[];
  /** In milliseconds since 1970; null where nobody can tell. */
  readonly firstSeen: number | null;
  readonly lastSeen: number | null;
  readonly count: number;
  /** Records a second over the last minute. */
  readonly rate: number;
  /** Whether it has been quiet for much longer than it used to be. */
  readonly silent: boolean;
}

/** Nothing is silent before it has been quiet for so long, in milliseconds. */
const QUIET = 5 * 60_000;
/** So many times the usual pause is no pause any more. */
const UNUSUAL = 10;

/** Gathers sources by host or by program. */
export function groupsOf(sources: readonly Source[], by: By, now: number): readonly Group[] {
  const gathered = new Map<string | null, Source[]>();
  for (const source of sources) {
    const members = gathered.get(source[by]);
    if (members === undefined) gathered.set(source[by], [source]);
    else members.push(source);
  }
  return [...gathered].map(([name, members]) => groupOf(name, members, by === "host" ? "app" : "host", now));
}

function groupOf(name: string | null, members: readonly Source[], other: By, now: number): Group {
  const most = members.toSorted((one, two) => (two.count ?? 0) - (one.count ?? 0));
  const firstSeen = edge(members.map((source) => source.firstSeen), Math.min);
  const lastSeen = edge(members.map((source) => source.lastSeen), Math.max);
  const count = members.reduce((sum, source) => sum + (source.count ?? 0), 0);
  return {
    name,
    parts: [...new Set(most.map((source) => source[other]))],
    addresses: [...new Set(most.map((source) => source.address))],
    firstSeen,
    lastSeen,
    count,
    rate: members.reduce((sum, source) => sum + (source.rate ?? 0), 0),
    silent: isSilent(firstSeen, lastSeen, count, now),
  };
}

/** Quiet for ten of its usual pauses, and for some minutes. What has sent once had no usual pause. */
function isSilent(firstSeen: number | null, lastSeen: number | null, count: number, now: number): boolean {
  if (firstSeen === null || lastSeen === null || count < 2) return false;
  const usual = (lastSeen - firstSeen) / (count - 1);
  return now - lastSeen > Math.max(QUIET, UNUSUAL * usual);
}

function edge(times: readonly (string | null)[], choose: (...values: number[]) => number): number | null {
  const known = times.filter((time) => time !== null).map((time) => Date.parse(time));
  return known.length === 0 ? null : choose(...known);
}

/** What groups can be sorted by. `silent`: those that are silent first, the others by name. */
export const SORT_KEYS = ["silent", "name", "lastSeen", "firstSeen", "count", "rate"] as const;
export type SortKey = (typeof SORT_KEYS)[number];

export function sorted(groups: readonly Group[], { by, descending }: Sort<SortKey>): readonly Group[] {
  const byName = (one: Group, two: Group) => NAMES.compare(one.name ?? "", two.name ?? "");
  const compare = (one: Group, two: Group): number => {
    if (by === "silent") return Number(two.silent) - Number(one.silent) || byName(one, two);
    const order = by === "name" ? byName(one, two) : (one[by] ?? 0) - (two[by] ?? 0) || byName(one, two);
    return descending ? -order : order;
  };
  return groups.toSorted(compare);
}

/** web-2 stands before web-10. */
const NAMES = new Intl.Collator("en", { numeric: true });

export type Shapes = ReadonlyMap<string | null, readonly number[]>;

/** The counts of each name, minute by minute from `from` on. */
export function shapes(minutes: readonly Minute[], from: number, length: number): Shapes {
  const found = new Map<string | null, number[]>();
  for (const { key, start, count } of minutes) {
    const place = Math.floor((Date.parse(start) - from) / 60_000);
    if (place < 0 || place >= length) continue;
    const shape = found.get(key) ?? new Array<number>(length).fill(0);
    shape[place] = (shape[place] ?? 0) + count;
    found.set(key, shape);
  }
  return found;
}
