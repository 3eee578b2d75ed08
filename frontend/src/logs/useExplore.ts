/** The answer to a view: its lines, the counts over time and the values beside them, by one request. A view that
 * follows the log has its lines from elsewhere; what stands around them is asked for again and again. */
import { useEffect, useMemo, useReducer, useState } from "react";

import { client } from "../graphql/client.ts";
import { usePolling } from "../graphql/hooks.ts";
import { problemsOf, type Problem } from "../graphql/problems.ts";
import type { LinePageFragment } from "../graphql/generated/graphql.ts";
import { EXPLORE, OVERVIEW, withTops, type Line, type ValueCount } from "./documents.ts";
import type { Bucket } from "./histogram/series.ts";
import { pageOf, type Page } from "./list/pages.ts";
import { questionKey, questionOf, type Question } from "./question.ts";
import type { View } from "./view/view.ts";

/** What stands around the lines. */
export interface Overview {
  readonly question: Question;
  /** None where the counts could not be had. */
  readonly buckets: readonly Bucket[] | undefined;
  /** The commonest values, by field. */
  readonly tops: ReadonlyMap<string, readonly ValueCount[]>;
}

export interface Answer extends Overview {
  /** The first page of lines; none while they are followed. */
  readonly page: Page<Line> | undefined;
  readonly problems: readonly Problem[];
}

export interface Exploring {
  /** The last answer; it stays until the next one is here. */
  readonly answer: Answer | undefined;
  readonly asking: boolean;
  /** Asks anew, for what has come since. */
  readonly again: () => void;
}

/** While the log is followed, what stands around is asked for this long after the last answer, in milliseconds, or, where
 * answers take long, after so many times what the last one took. */
const EVERY = 2_000;
const TIMES = 8;

/** Asks what a view means, again whenever that changes. */
export function useExplore(view: View): Exploring {
  const [round, again] = useReducer((n: number) => n + 1, 0);
  const [answer, setAnswer] = useState<Answer>();
  /** What was answered last, and how long that took, in milliseconds. */
  const [answered, setAnswered] = useState<{ readonly question: Question; readonly took: number }>();
  const key = questionKey(view);
  // Fields that are opened later ask for themselves: they are no reason to ask for everything again.
  const question = useMemo(() => questionOf(view, Date.now()), [key, round]);

  useEffect(() => {
    const [document, counted] = question.live ? [OVERVIEW, "counted"] : [EXPLORE, "filter"];
    const operation = withTops(document as typeof EXPLORE, question.fields, counted);
    const asked = client.query(operation, question.variables).subscribe(({ data, error }) => {
      setAnswered({ question, took: Date.now() - question.now });
      const problems = problemsOf(error);
      // Without any answer, what is known stays. Whoever follows sees by itself that the server is away.
      if (data === undefined && question.live) return;
      // The lines of a question that has no lines are none.
      const { logs, histogram } = (data ?? {}) as { logs?: LinePageFragment | null; histogram?: readonly Bucket[] | null };
      setAnswer((before) => {
        if (data === undefined && before?.question.key === question.key) return { ...before, problems };
        const tops = topsOf(question.fields, data);
        return { question, page: logs ? pageOf(logs) : undefined, buckets: histogram ?? undefined, tops, problems };
      });
    });
    return () => asked.unsubscribe();
  }, [question]);

  const asking = answered?.question !== question;
  const pause = Math.max(EVERY, TIMES * (answered?.took ?? 0));
  usePolling(again, asking, question.live ? pause : undefined);

  return { answer, asking, again };
}

/** The values of each field in an answer. */
function topsOf(
  fields: readonly string[],
  data: Readonly<Record<string, unknown>> | undefined,
): ReadonlyMap<string, readonly ValueCount[]> {
  const found = fields.map((field, n) => [field, data?.[`top${n}`]] as const);
  return new Map(found.filter((entry): entry is [string, readonly ValueCount[]] => Array.isArray(entry[1])));
}
