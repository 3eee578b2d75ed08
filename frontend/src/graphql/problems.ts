/** What went wrong with an operation, in words. Data may stand beside it: an answer in parts is shown in parts. */
import type { CombinedError } from "@urql/core";

import { explain } from "../session/explain.ts";
import { Failure } from "../session/request.ts";

/** An error of an answer. */
export interface Problem {
  readonly failure: Failure;
  /** It in words. */
  readonly text: string;
  /** The response key of the root field that failed, wholly or in parts; none when the whole operation did. */
  readonly field: string | undefined;
}

/** The errors of an answer; empty when there is none. */
export function problemsOf(error: CombinedError | undefined): readonly Problem[] {
  if (error === undefined) return [];
  if (error.networkError !== undefined) return [problem(failureOf(error.networkError))];
  return error.graphQLErrors.map(({ message, path, extensions }) =>
    problem(Failure.of({ message, extensions }), path?.[0]?.toString()),
  );
}

function problem(failure: Failure, field?: string): Problem {
  return { failure, text: explain(failure), field };
}

/** What kept an answer from coming: the session, which says so itself, or the network. */
function failureOf(error: Error): Failure {
  return error instanceof Failure ? error : new Failure("UNREACHABLE", "The server cannot be reached.");
}
