/** All that a view shows: its lines, whether they are still or live, and what stands around them. */
import { useMemo } from "react";

import type { Problem } from "../graphql/problems.ts";
import { itemsOf, type Item } from "./list/items.ts";
import { useLiveTail, type LiveTail } from "./live/useLiveTail.ts";
import { useExplore, type Answer } from "./useExplore.ts";
import { useLines, type Shown } from "./useLines.ts";
import { conditionsOf } from "./view/filter.ts";
import type { View } from "./view/view.ts";

export interface Screen {
  readonly items: readonly Item[];
  readonly lines: Shown;
  readonly tail: LiveTail;
  readonly answer: Answer | undefined;
  readonly asking: boolean;
  readonly again: () => void;
  /** What is wrong with the query. */
  readonly queryProblem: Problem | undefined;
  /** What else went wrong: there may be lines beside it. */
  readonly problems: readonly Problem[];
}

export function useScreen(view: View): Screen {
  const { answer, asking, again } = useExplore(view);
  const lines = useLines(answer);
  const conditions = useMemo(
    () => (view.live ? conditionsOf(view) : undefined),
    [view.live, view.query, view.levels, view.hosts, view.apps],
  );
  const tail = useLiveTail(conditions);
  const stillItems = useMemo(() => itemsOf(lines.logs, view.order), [lines.logs, view.order]);
  const problems = [...(answer?.problems ?? []), ...(lines.problem === undefined ? [] : [lines.problem])];
  const ofQuery = ({ failure }: Problem) => failure.details.argument === "filter.query";
  return {
    items: view.live ? tail.buffer.rows : stillItems,
    lines,
    tail,
    answer,
    asking,
    again,
    queryProblem: problems.find(ofQuery),
    problems: problems.filter((problem) => !ofQuery(problem)),
  };
}
