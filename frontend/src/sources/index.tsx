import { useMemo, type ReactNode } from "react";
import { Link } from "wouter";

import { groupsOf, shapes, sorted, type SortKey } from "./groups.ts";
import { SOURCES } from "./operations.ts";
import { SourcesTable } from "./SourcesTable.tsx";
import { useSourcesView } from "./useSourcesView.ts";
import { counted } from "../format/numbers.ts";
import type { SourceOrder } from "../graphql/generated/graphql.ts";
import { useAnswer } from "../graphql/hooks.ts";
import { Empty } from "../ui/Empty.tsx";
import { Notice } from "../ui/Notice.tsx";
import { Page } from "../ui/Page.tsx";
import { Problems } from "../ui/Problems.tsx";
import { SearchField } from "../ui/SearchField.tsx";
import { Segments } from "../ui/Segments.tsx";
import { Spinner } from "../ui/Spinner.tsx";
import { useNow } from "../ui/useNow.ts";

const MINUTE = 60_000;
/** The minutes of the small charts. */
const MINUTES = 60;
/** As many as a page of the server holds. */
const MOST = 1_000;
/** How often it is asked anew, in milliseconds. */
const EVERY = 15_000;

/** Who sends, by host or by program, and who has fallen silent. */
export function Sources(): ReactNode {
  const [view, change] = useSourcesView();
  const now = useNow();
  // The hour moves on with the minutes, so the answers of a minute are to one question.
  const to = (Math.floor(now / MINUTE) + 1) * MINUTE;
  const from = to - MINUTES * MINUTE;
  const { data, problems, asking, again } = useAnswer(
    SOURCES,
    {
      text: view.text || null, first: MOST, order: ORDERS[view.sort.by], by: view.by === "host" ? "HOST" : "APP",
      from: new Date(from).toISOString(), to: new Date(to).toISOString(),
    },
    { every: EVERY },
  );
  const sources = useMemo(() => data?.sources?.edges.map(({ node }) => node), [data]);
  const groups = useMemo(
    () => sources && sorted(groupsOf(sources, view.by, now), view.sort),
    [sources, view.by, view.sort.by, view.sort.descending, now],
  );
  const found = useMemo(() => shapes(data?.histogram ?? [], from, MINUTES), [data, from]);
  const silent = groups?.filter((group) => group.silent).length ?? 0;

  return (
    <Page
      title="Sources"
      actions={
        <>
          <SearchField label="Find a source" value={view.text} onChange={(text) => change({ text })} />
          <Segments
            label="Gathered by" value={view.by} options={{ host: "Hosts", app: "Apps" }} onChange={(by) => change({ by })}
          />
        </>
      }
    >
      <Problems problems={problems} again={again} />
      {sources === undefined && asking && <Spinner />}
      {groups?.length === 0 && <Nothing searching={view.text !== ""} />}
      {data?.sources?.pageInfo.hasNextPage && (
        <Notice kind="info">
          There are more than {counted(MOST, "source")}: these are {FIRST[ORDERS[view.sort.by]]}. Search for others.
        </Notice>
      )}
      {groups !== undefined && groups.length > 0 && (
        <>
          <p className="sources-summary" role="status">
            {counted(groups.length, view.by)}
            {silent > 0 && <>, <strong>{silent} silent</strong></>}
          </p>
          <SourcesTable
            groups={groups} shapes={found} by={view.by} now={now} sort={view.sort} onSort={(sort) => change({ sort })}
          />
        </>
      )}
    </Page>
  );
}

/** The order in which the server is asked: it decides which sources are there, where there are more than a page. */
const ORDERS: Readonly<Record<SortKey, SourceOrder>> = {
  silent: "ID", name: "ID", firstSeen: "ID", lastSeen: "LAST_SEEN", count: "COUNT", rate: "LAST_SEEN",
};

const FIRST: Readonly<Record<SourceOrder, string>> = {
  ID: "those that appeared first", LAST_SEEN: "those heard of last", COUNT: "those that sent most",
};

function Nothing({ searching }: { readonly searching: boolean }): ReactNode {
  if (searching) return <Empty title="No source has this in its host, app or address." />;
  return (
    <Empty title="Nobody has sent anything yet.">
      <p><Link href="/">Explore</Link> shows how to send the first line.</p>
    </Empty>
  );
}
