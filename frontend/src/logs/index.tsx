import type { ReactNode } from "react";

import { NEWEST } from "./operations.ts";
import { clock } from "../format/times.ts";
import { severityColour, shortSeverity } from "../format/severities.ts";
import { useAnswer } from "../graphql/hooks.ts";
import { Empty } from "../ui/Empty.tsx";
import { Page } from "../ui/Page.tsx";
import { Problems } from "../ui/Problems.tsx";
import { Spinner } from "../ui/Spinner.tsx";
import { Cell, Table } from "../ui/Table.tsx";

/** The newest of the log. */
export function Explore(): ReactNode {
  const { data, problems, asking, again } = useAnswer(NEWEST, {});
  const edges = data?.logs?.edges;
  return (
    <Page title="Explore">
      <Problems problems={problems} again={again} />
      {edges === undefined && asking && <Spinner />}
      {edges?.length === 0 && <Empty title="There is no record yet." />}
      {edges !== undefined && edges.length > 0 && (
        <Table label="The newest records">
          <thead><tr><th>Time</th><th>Severity</th><th>Host</th><th>App</th><th>Message</th></tr></thead>
          <tbody>
            {edges.map(({ node }) => (
              <tr key={node.id}>
                <Cell className="soft">{clock(node.timestamp, "local")}</Cell>
                <Cell><span style={{ color: severityColour(node.severity).text }}>{shortSeverity(node.severity)}</span></Cell>
                <Cell>{node.host}</Cell>
                <Cell>{node.app}</Cell>
                <Cell className="wide">{node.message}</Cell>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
    </Page>
  );
}
