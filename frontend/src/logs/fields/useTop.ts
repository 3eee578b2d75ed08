import { useEffect, useState } from "react";

import { client } from "../../graphql/client.ts";
import { TOP, TOP_VALUES, type ValueCount } from "../documents.ts";
import type { Question } from "../question.ts";
import type { Overview } from "../useExplore.ts";

interface Counted {
  readonly question: Question;
  readonly values: readonly ValueCount[] | undefined;
}

/** The commonest values of a field: as they came with the answer, or, for a field that was opened since, asked for. */
export function useTop(
  field: string,
  overview: Overview | undefined,
): { readonly values: readonly ValueCount[] | undefined; readonly failed: boolean } {
  const [asked, setAsked] = useState<Counted>();
  const question = overview?.question;
  const came = overview?.tops.get(field);
  const included = question?.fields.includes(field) ?? false;
  const missing = question !== undefined && came === undefined && !included;

  useEffect(() => {
    if (!missing) return;
    const variables = { filter: question.filter, field, first: TOP_VALUES };
    const answer = client.query(TOP, variables).subscribe(({ data }) => {
      setAsked({ question, values: data?.top ?? undefined });
    });
    return () => answer.unsubscribe();
  }, [missing, question, field]);

  const own = asked?.question === question ? asked : undefined;
  const failed = came === undefined && (included || (own !== undefined && own.values === undefined));
  // The values of before stay until those of this question are here.
  return { values: came ?? asked?.values, failed };
}
