import type { ReactNode } from "react";
import { Link } from "wouter";

import type { By, Group, Shapes, SortKey } from "./groups.ts";
import { count, counted, rate } from "../format/numbers.ts";
import { linkTo } from "../logs/view/url.ts";
import type { View } from "../logs/view/view.ts";
import { Ago } from "../ui/Ago.tsx";
import { Badge } from "../ui/Badge.tsx";
import { SortHead, type Sort } from "../ui/SortHead.tsx";
import { Sparkline } from "../ui/Sparkline.tsx";
import { Cell, Table } from "../ui/Table.tsx";
import "./sources.css";

interface SourcesTableProps {
  readonly groups: readonly Group[];
  /** The counts of the last hour, by name. */
  readonly shapes: Shapes;
  readonly by: By;
  readonly now: number;
  readonly sort: Sort<SortKey>;
  readonly onSort: (sort: Sort<SortKey>) => void;
}

export function SourcesTable({ groups, shapes, by, now, sort, onSort }: SourcesTableProps): ReactNode {
  const head = { sort, onSort };
  return (
    <Table label="Sources">
      <thead>
        <tr>
          <SortHead {...head} by="name">{by === "host" ? "Host" : "App"}</SortHead>
          <th className="source-parts-column">{by === "host" ? "Apps" : "Hosts"}</th>
          <SortHead {...head} by="silent">State</SortHead>
          <SortHead {...head} by="lastSeen" mostFirst>Last seen</SortHead>
          <SortHead {...head} by="firstSeen" mostFirst>First seen</SortHead>
          <SortHead {...head} by="count" mostFirst number>Records</SortHead>
          <SortHead {...head} by="rate" mostFirst number>Rate</SortHead>
          <th>Last hour</th>
        </tr>
      </thead>
      <tbody>
        {groups.map((group) => (
          <GroupRow key={group.name} group={group} shape={shapes.get(group.name) ?? []} by={by} now={now} />
        ))}
      </tbody>
    </Table>
  );
}

interface GroupRowProps {
  readonly group: Group;
  readonly shape: readonly number[];
  readonly by: By;
  readonly now: number;
}

function GroupRow({ group, shape, by, now }: GroupRowProps): ReactNode {
  const { name, addresses, firstSeen, lastSeen } = group;
  const inHour = shape.reduce((sum, value) => sum + value, 0);
  return (
    <tr>
      <th scope="row" title={counted(addresses.length, "address", "addresses") + `: ${addresses.slice(0, 10).join(", ")}`}>
        <Link href={linkTo({ ...named(by, name), ...reaching(lastSeen, now) })}>{name ?? <em>no {by}</em>}</Link>
      </th>
      <td className="wide source-parts-column"><Parts group={group} by={by} now={now} /></td>
      <td><State group={group} /></td>
      <td><Ago at={iso(lastSeen)} never="unknown" now={now} /></td>
      <td className="soft"><Ago at={iso(firstSeen)} never="unknown" now={now} /></td>
      <Cell number>{count(group.count)}</Cell>
      <Cell number>{rate(group.rate)}</Cell>
      <td>
        <Sparkline values={shape.length === 0 ? [0] : shape} label={`${counted(inHour, "record")} in the last hour`} />
      </td>
    </tr>
  );
}

function State({ group }: { readonly group: Group }): ReactNode {
  if (group.silent) return <Badge kind="warning">silent</Badge>;
  return <span className="soft">{group.count < 2 ? "sent once" : "sending"}</span>;
}

/** How many of the programs of a host, or of the hosts of a program, are named. */
const NAMED = 4;

function Parts({ group: { name, parts, lastSeen }, by, now }: Omit<GroupRowProps, "shape">): ReactNode {
  const other: By = by === "host" ? "app" : "host";
  const link = (part: string | null) =>
    linkTo({ ...both(named(by, name), named(other, part)), ...reaching(lastSeen, now) });
  const rest = parts.slice(NAMED);
  return (
    <span className="source-parts">
      {parts.slice(0, NAMED).map((part) => (
        <Link key={part} className="source-part" href={link(part)}>{part ?? <em>none</em>}</Link>
      ))}
      {rest.length > 0 && <span className="soft" title={rest.map((part) => part ?? "none").join(", ")}>+{rest.length}</span>}
    </span>
  );
}

/** The records of a host or of a program; of those without one, when it is null. */
function named(by: By, name: string | null): Partial<View> {
  if (name === null) return { query: `-${by}:*` };
  return by === "host" ? { hosts: [name] } : { apps: [name] };
}

function both(one: Partial<View>, other: Partial<View>): Partial<View> {
  const query = [one.query, other.query].filter(Boolean).join(" ");
  return { ...one, ...other, query };
}

/** A stretch of time that holds the newest record: what was silent for long has none in the usual one. */
function reaching(lastSeen: number | null, now: number): Partial<View> {
  return lastSeen === null || now - lastSeen > 50 * 60_000 ? { time: { kind: "all" } } : {};
}

function iso(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}
