import type { ReactNode } from "react";

import { actionInWords, outcomeInWords } from "./words.ts";
import { AUDIT } from "./operations.ts";
import { full, second } from "../format/times.ts";
import type { AuditQuery } from "../graphql/generated/graphql.ts";
import { ask } from "../graphql/hooks.ts";
import { usePages, type ListPage } from "../graphql/usePages.ts";
import { Badge } from "../ui/Badge.tsx";
import { Button } from "../ui/Button.tsx";
import { Empty } from "../ui/Empty.tsx";
import { Icon } from "../ui/Icon.tsx";
import { Notice } from "../ui/Notice.tsx";
import { Page } from "../ui/Page.tsx";
import { Spinner } from "../ui/Spinner.tsx";
import { Table } from "../ui/Table.tsx";
import "./audit.css";

type Entry = NonNullable<AuditQuery["audit"]>["edges"][number]["node"];

/** Who did what, or tried to. */
export function Audit(): ReactNode {
  const { items, hasMore, loading, problem, more, reload } = usePages(load);
  return (
    <Page title="Audit log" actions={<Button onClick={reload}><Icon name="refresh" />Refresh</Button>}>
      <div role="alert">
        {problem !== undefined && (
          <Notice kind="error">
            <p>{problem}</p>
            <Button onClick={items === undefined ? reload : more}>Try again</Button>
          </Notice>
        )}
      </div>
      {items === undefined && loading && <Spinner />}
      {items?.length === 0 && <Empty title="Nobody has done anything yet." />}
      {items !== undefined && items.length > 0 && <Entries entries={items} />}
      {items !== undefined && hasMore && (
        <p className="audit-more">
          <Button onClick={more} aria-disabled={loading}>{loading ? "Loading…" : "Show older ones"}</Button>
        </p>
      )}
    </Page>
  );
}

async function load(after: string | null): Promise<ListPage<Entry>> {
  const { audit } = await ask(AUDIT, { after });
  const next = audit?.pageInfo.hasNextPage ? audit.pageInfo.endCursor : null;
  return { items: audit?.edges.map(({ node }) => node) ?? [], next };
}

function Entries({ entries }: { readonly entries: readonly Entry[] }): ReactNode {
  return (
    <Table label="The audit log">
      <thead>
        <tr><th>When</th><th>Who</th><th>Did</th><th>To</th><th>Outcome</th><th>From</th></tr>
      </thead>
      <tbody>
        {entries.map((entry) => (
          <tr key={entry.id}>
            <td className="soft audit-time">
              <time dateTime={entry.at} title={full(entry.at, "local")}>{second(entry.at, "local")}</time>
            </td>
            <th scope="row">{entry.actor || <span className="soft">nobody</span>}</th>
            <td title={entry.action}>{actionInWords(entry.action)}</td>
            <td className="wide">{entry.target}</td>
            <td><Outcome outcome={entry.outcome} /></td>
            <td className="soft">{entry.address ?? "on the server"}</td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

function Outcome({ outcome }: { readonly outcome: string }): ReactNode {
  if (outcome === "OK") return <span className="soft">done</span>;
  return <Badge kind="error">{outcomeInWords(outcome)}</Badge>;
}
