import type { ReactNode } from "react";

import { Books } from "./Books.tsx";
import { sum } from "./ledger.ts";
import { Nodes } from "./Nodes.tsx";
import { PIPELINE } from "./operations.ts";
import { Storage } from "./Storage.tsx";
import { useRates } from "./useRates.ts";
import { bytes, count, counted, rate } from "../format/numbers.ts";
import type { PipelineQuery } from "../graphql/generated/graphql.ts";
import { useAnswer } from "../graphql/hooks.ts";
import { Empty } from "../ui/Empty.tsx";
import { Figure, Figures } from "../ui/Figures.tsx";
import { Page, Section } from "../ui/Page.tsx";
import { Problems } from "../ui/Problems.tsx";
import { Spinner } from "../ui/Spinner.tsx";
import { useNow } from "../ui/useNow.ts";
import "./pipeline.css";

/** How often it is asked anew, in milliseconds. */
const EVERY = 2_000;

/** Where the records are, and what was lost. */
export function Pipeline(): ReactNode {
  const now = useNow(1_000);
  const { data, problems, asking, again } = useAnswer(PIPELINE, {}, { every: EVERY });
  const pipeline = data?.pipeline ?? undefined;
  const scoped = problems.some(({ failure }) => failure.code === "FORBIDDEN");
  return (
    <Page title="Pipeline">
      {scoped ? (
        <Empty title="You see a part of the log.">
          <p>These figures tell of all of it, so they are for those who see all of it.</p>
        </Empty>
      ) : (
        <Problems problems={problems} again={again} />
      )}
      {pipeline === undefined && asking && <Spinner />}
      {pipeline !== undefined && (
        <>
          <Now answer={data} pipeline={pipeline} />
          <Books counts={pipeline} unknown={pipeline.unknown} />
          {pipeline.storage !== null && <Storage storage={pipeline.storage} now={now} />}
          <Nodes nodes={pipeline.nodes} now={now} />
        </>
      )}
    </Page>
  );
}

type Answered = NonNullable<PipelineQuery["pipeline"]>;

function Now({ answer, pipeline }: { readonly answer: unknown; readonly pipeline: Answered }): ReactNode {
  const { received, stored, rejected, dropped, queueDepth, lag, nodes } = pipeline;
  const lost = sum(rejected) + sum(dropped);
  const rates = useRates(answer, { received, stored, lost });
  const perSecond = (name: string) => (rates[name] === undefined ? "–" : rate(rates[name]));
  const connections = nodes.filter(({ state }) => state === "UP").reduce((all, node) => all + node.connections, 0);
  return (
    <Section title="Now">
      <Figures>
        <Figure label="Receiving" value={perSecond("received")} note={`${count(received)} in all`} />
        <Figure label="Storing" value={perSecond("stored")} note={`${count(stored)} in all`} />
        <Figure label="Losing" value={perSecond("lost")} note={`${count(lost)} rejected or dropped`} />
        <Figure
          label="Queue" value={queueDepth === null ? "unknown" : bytes(queueDepth.bytes)}
          note={queueDepth !== null && counted(queueDepth.frames, "frame")}
        />
        <Figure label="In flight" value={count(pipeline.inFlight)} note="not yet stored" />
        <Figure label="Live feed behind by" value={count(lag)} note={`of position ${count(pipeline.head)}`} />
        <Figure label="TCP connections" value={count(connections)} note="open" />
      </Figures>
    </Section>
  );
}
