import type { ReactNode } from "react";

import { explainReason, sum, type ReasonCount } from "./ledger.ts";
import { count } from "../format/numbers.ts";
import type { NodeState, PipelineQuery } from "../graphql/generated/graphql.ts";
import { Ago } from "../ui/Ago.tsx";
import { Badge } from "../ui/Badge.tsx";
import { Section } from "../ui/Page.tsx";
import { Cell, Table } from "../ui/Table.tsx";

export type Node = NonNullable<PipelineQuery["pipeline"]>["nodes"][number];

/** Every process that was heard of. */
export function Nodes({ nodes, now }: { readonly nodes: readonly Node[]; readonly now: number }): ReactNode {
  return (
    <Section title="Nodes">
      <Table label="Nodes">
        <thead>
          <tr>
            <th>Node</th><th>State</th><th>Does</th>
            <th className="number">Received</th><th className="number">Stored</th><th className="number">Rejected</th>
            <th className="number">Dropped</th><th className="number">In flight</th><th className="number">Written</th>
            <th className="number">Connections</th><th>Started</th><th>Heard of</th>
          </tr>
        </thead>
        <tbody>{nodes.map((node) => <NodeRow key={node.id} node={node} now={now} />)}</tbody>
      </Table>
    </Section>
  );
}

function NodeRow({ node, now }: { readonly node: Node; readonly now: number }): ReactNode {
  const { kind, text } = STATES[node.state];
  return (
    <tr>
      <th scope="row">{node.name}</th>
      <td><Badge kind={kind}>{text}</Badge></td>
      <td>{node.roles.map((role) => role.toLowerCase()).join(", ")} {node.writer && <Badge kind="accent">writer</Badge>}</td>
      <Cell number title={node.unknown ? "What it received after its last word is unknown" : undefined}>
        {count(node.received)}{node.unknown && " + ?"}
      </Cell>
      <Cell number>{count(node.stored)}</Cell>
      <Reasons counts={node.rejected} />
      <Reasons counts={node.dropped} />
      <Cell number>{count(node.inFlight)}</Cell>
      <Cell number title={node.repeated > 0 ? `${count(node.repeated)} were stored already and skipped` : undefined}>
        {node.roles.includes("WORKER") ? count(node.committed) : "–"}
      </Cell>
      <Cell number>{count(node.connections)}</Cell>
      <td className="soft"><Ago at={node.startedAt} now={now} /></td>
      <td className="soft"><Ago at={node.heardAt} now={now} /></td>
    </tr>
  );
}

const STATES: Readonly<Record<NodeState, { readonly kind: "success" | "plain" | "error"; readonly text: string }>> = {
  UP: { kind: "success", text: "up" },
  STOPPED: { kind: "plain", text: "stopped" },
  LOST: { kind: "error", text: "lost" },
};

function Reasons({ counts }: { readonly counts: readonly ReasonCount[] }): ReactNode {
  const words = counts.map(({ reason, count: records }) => `${reason}: ${count(records)}. ${explainReason(reason) ?? ""}`);
  return <Cell number title={words.join("\n") || undefined}>{count(sum(counts))}</Cell>;
}
