/** Operations for components. */
import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import { useCallback, useEffect, useState } from "react";
import { useQuery, type AnyVariables, type OperationResult, type UseQueryArgs } from "urql";

import { client } from "./client.ts";
import { problemsOf, type Problem } from "./problems.ts";
import { Failure } from "../session/request.ts";

/** What a component knows of a query. An answer stays until there is another one, also beside what went wrong since. */
export interface Answer<Data> {
  /** What came, whole or in parts; none before the first answer. */
  readonly data: Data | undefined;
  /** What went wrong with the last answer. */
  readonly problems: readonly Problem[];
  /** Whether an answer is on its way. */
  readonly asking: boolean;
  /** Asks again. */
  readonly again: () => void;
}

interface Options {
  /** Asks again after so many milliseconds, for as long as somebody can see the page. */
  readonly every?: number;
}

/** Asks a query, and again whenever its variables change. */
export function useAnswer<Data, Variables extends AnyVariables>(
  query: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  { every }: Options = {},
): Answer<Data> {
  const [{ data, error, fetching, stale }, execute] = useQuery({ query, variables } as UseQueryArgs<Variables, Data>);
  const again = useCallback(() => execute({ requestPolicy: "network-only" }), [execute]);
  const asking = fetching || stale;
  const [last, setLast] = useState(data);
  if (data !== undefined && data !== last && (error === undefined || holdsAnything(data))) setLast(data);
  usePolling(again, asking, every);
  return { data: last ?? undefined, problems: problemsOf(error), asking, again };
}

/** Whether an answer is more than errors. */
function holdsAnything(data: unknown): boolean {
  return typeof data === "object" && data !== null && Object.values(data).some((field) => field !== null);
}

/** Calls `ask` after so many milliseconds, unless it is being asked already, and while the page can be seen. */
export function usePolling(ask: () => void, asking: boolean, every: number | undefined): void {
  useEffect(() => {
    if (every === undefined || asking) return;
    const onceSeen = () => {
      if (document.visibilityState === "visible") ask();
    };
    const timer = setTimeout(onceSeen, every);
    document.addEventListener("visibilitychange", onceSeen);
    return () => {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", onceSeen);
    };
  }, [ask, asking, every]);
}

/** Runs a mutation.
 * @throws {Failure} when it failed */
export async function run<Data, Variables extends AnyVariables>(
  mutation: TypedDocumentNode<Data, Variables>,
  variables: Variables,
): Promise<Data> {
  return whole(await client.mutation(mutation, variables).toPromise());
}

/** Asks a query once.
 * @throws {Failure} when it failed, wholly or in parts */
export async function ask<Data, Variables extends AnyVariables>(
  query: TypedDocumentNode<Data, Variables>,
  variables: Variables,
): Promise<Data> {
  return whole(await client.query(query, variables).toPromise());
}

function whole<Data>({ data, error }: OperationResult<Data>): Data {
  const [problem] = problemsOf(error);
  if (problem !== undefined) throw problem.failure;
  if (data === undefined) throw new Failure("UNREADABLE", "The server gave no answer and no reason.");
  return data;
}
