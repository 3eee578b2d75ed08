/** The answer to a view: its lines, the counts over time and the values beside them, by one request. */
import { useCallback, useEffect, useMemo, useReducer, useState } from "react";

import { client } from "../graphql/client.ts";
import { problemsOf, type Problem } from "../graphql/problems.ts";
import { EXPLORE, withTops, type Line, type ValueCount } from "./documents.ts";
import type { Bucket } from "./histogram/series.ts";
import type { Page } from "./list/pages.ts";
import { questionKey, questionOf, type Question } from "./question.ts";
import { pageOf } from "./useLines.ts";
import type { View } from "./view/view.ts";

/** What stands around the lines. */
export interface Overview {
  readonly question: Question;
  /** None where the counts could not be had. */
  readonly buckets: readonly Bucket[] | undefined;
  /** The commonest values, by field. */
  readonly tops: ReadonlyMap<string, readonly ValueCount[]>;
}

export interface Answered extends Overview {
  readonly page: Page<Line> | undefined;
  readonly problems: readonly Problem[];
}

export interface Exploring {
  /** The last answer; it stays until the next one is here. */
  readonly answer: Answered | undefined;
  readonly asking: boolean;
  /** Asks anew, for what has come since. */
  readonly again: () => void;
}

/** Asks what a view means, again whenever that changes. */
export function useExplore(view: View): Exploring {
  const [round, again] = useReducer((n: number) => n + 1, 0);
  const [answer, setAnswer] = useState<Answered>();
  const key = questionKey(view);
  // Fields that are opened later ask for themselves: they are no reason to ask for everything again.
  const question = useMemo(() => questionOf(view, Date.now()), [key, round]);

  useEffect(() => {
    const document = withTops(EXPLORE, question.fields, "filter");
    const asked = client.query(document, question.variables).subscribe(({ data, error }) => {
      setAnswer({
        question,
        page: data?.logs ? pageOf(data.logs) : undefined,
        buckets: data?.histogram ?? undefined,
        tops: topsOf(question.fields, data),
        problems: problemsOf(error),
      });
    });
    return () => asked.unsubscribe();
  }, [question]);

  return { answer, asking: answer?.question !== question, again: useCallback(() => again(), []) };
}

/** The values of each field in an answer. */
export function topsOf(
  fields: readonly string[],
  data: Readonly<Record<string, unknown>> | undefined,
): ReadonlyMap<string, readonly ValueCount[]> {
  const found = fields.map((field, n) => [field, data?.[`top${n}`]] as const);
  return new Map(found.filter((entry): entry is [string, readonly ValueCount[]] => Array.isArray(entry[1])));
}
