/** Typed GraphQL operations. */
import type { graphql as typed } from "./generated/gql.ts";

/** An operation with the types of its variables and its answer, written as the argument itself, for the
 * generator looks for just that. At run time it is its text and nothing else, so that each page loads its own operations. */
export const graphql = ((text: string) => text) as unknown as typeof typed;

/** An operation with the fragments that it uses, which may be written elsewhere. */
export function including<Operation>(operation: Operation, ...fragments: readonly unknown[]): Operation {
  return [operation, ...fragments].join("\n") as Operation;
}
