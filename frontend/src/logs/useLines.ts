/** The lines of an answer, with further pages as somebody scrolls to them. */
import { useCallback, useEffect, useMemo, useRef, useState } from "react";

import { client } from "../graphql/client.ts";
import { problemsOf, type Problem } from "../graphql/problems.ts";
import { LINES, type Line } from "./documents.ts";
import { ends, linesOf, logsOf, pageOf, trimmed, withNewerPage, withOlderPage, type Lines, type Side } from "./list/pages.ts";
import { FURTHER } from "./question.ts";
import type { Answer } from "./useExplore.ts";

export interface Shown {
  /** Newest first. */
  readonly logs: readonly Line[];
  readonly older: boolean;
  readonly newer: boolean;
  /** The side that lines are on their way from. */
  readonly loading: Side | undefined;
  readonly problem: Problem | undefined;
  readonly more: (side: Side) => void;
}

/** How long until a page that came stands in its place, in milliseconds. */
const SETTLED = 100;

const NONE: Lines<Line> = { pages: [], newer: false, older: false };

/** The lines of the first page of an answer, and those that were asked for after it. */
export function useLines(answer: Answer | undefined): Shown {
  const page = answer?.page;
  const [lines, setLines] = useState(NONE);
  const [loading, setLoading] = useState<Side>();
  const [problem, setProblem] = useState<Problem>();
  const abort = useRef<() => void>(undefined);
  const trimming = useRef<() => void>(undefined);

  useEffect(() => {
    setLines(page === undefined ? NONE : linesOf(page));
    setProblem(undefined);
    setLoading(undefined);
    return () => {
      abort.current?.();
      trimming.current?.();
    };
  }, [page]);

  const more = useCallback(
    (side: Side) => {
      const { start, end } = ends(lines);
      const place = side === "older" ? end : start;
      if (answer === undefined || place === undefined || abort.current !== undefined) return;
      const paging = side === "older" ? { first: FURTHER, after: place } : { last: FURTHER, before: place };
      setLoading(side);
      const asked = client.query(LINES, { filter: answer.question.filter, ...paging }).subscribe(({ data, error }) => {
        abort.current = undefined;
        setLoading(undefined);
        setProblem(problemsOf(error)[0]);
        if (!data?.logs) return;
        const page = pageOf(data.logs);
        setLines((now) => (side === "older" ? withOlderPage(now, page) : withNewerPage(now, page)));
        const timer = setTimeout(() => setLines((now) => trimmed(now, side)), SETTLED);
        trimming.current = () => clearTimeout(timer);
      });
      abort.current = () => {
        abort.current = undefined;
        asked.unsubscribe();
      };
    },
    [answer, lines],
  );

  const logs = useMemo(() => logsOf(lines), [lines]);
  return { logs, older: lines.older, newer: lines.newer, loading, problem, more };
}
