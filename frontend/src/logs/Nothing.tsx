/** What stands in the place of lines when there are none. */
import { lazy, Suspense, useEffect, useState, type ReactNode } from "react";

import { useAnswer } from "../graphql/hooks.ts";
import { Button } from "../ui/Button.tsx";
import { Empty } from "../ui/Empty.tsx";
import { Spinner } from "../ui/Spinner.tsx";
import { ANY } from "./documents.ts";
import type { LinesPaneProps } from "./LinesPane.tsx";
import { isNarrow, withoutConditions, withTime } from "./view/change.ts";

const Welcome = lazy(async () => ({ default: (await import("../welcome/Welcome.tsx")).Welcome }));

export function Nothing({ view, onChange, screen }: LinesPaneProps): ReactNode {
  if (screen.queryProblem !== undefined) return <Empty title="The query cannot be understood" />;
  if (view.live) {
    return <Empty title="Waiting for records…"><p>What matches appears here the moment it is stored.</p></Empty>;
  }
  if (screen.asking) return <Spinner />;
  if (screen.problems.length > 0) return null;
  if (!isNarrow(view)) return <FirstRun view={view} onChange={onChange} again={screen.again} />;
  return <NoRecords view={view} onChange={onChange} />;
}

type NoRecordsProps = Omit<LinesPaneProps, "screen">;

function NoRecords({ view, onChange }: NoRecordsProps): ReactNode {
  return (
    <Empty title="No records here">
      <p>Nothing in this time matches.</p>
      <div className="lines-ways">
        {view.time.kind !== "all" && <Button onClick={() => onChange(withTime(view, { kind: "all" }))}>Look at all time</Button>}
        {isNarrow(view) && <Button onClick={() => onChange(withoutConditions(view))}>Clear the filters</Button>}
      </div>
    </Empty>
  );
}

/** How often it is looked whether there is one, in milliseconds. */
const EVERY = 1_000;
/** How long the light shines that says that the first record is here, in milliseconds. */
const SHINES = 2_000;

/** In a log that has no record at all, how to send one; when it comes, it is shown. */
function FirstRun({ again, ...rest }: NoRecordsProps & { readonly again: () => void }): ReactNode {
  const [wasEmpty, setWasEmpty] = useState(false);
  const { data } = useAnswer(ANY, {}, wasEmpty ? { every: EVERY } : {});
  const any = data?.logs?.edges.length;
  const arrived = wasEmpty && any !== undefined && any > 0;
  if (any === 0 && !wasEmpty) setWasEmpty(true);
  useEffect(() => {
    if (!arrived) return;
    const timer = setTimeout(again, SHINES);
    return () => clearTimeout(timer);
  }, [arrived, again]);
  if (any === undefined) return <Spinner />;
  if (!wasEmpty && any > 0) return <NoRecords {...rest} />;
  return <Suspense><Welcome arrived={arrived} /></Suspense>;
}
