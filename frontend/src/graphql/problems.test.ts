import { CombinedError } from "@urql/core";
import { expect, test } from "vitest";

import { problemsOf } from "./problems.ts";
import { Failure } from "../session/request.ts";

test("no error is no problem", () => {
  expect(problemsOf(undefined)).toEqual([]);
});

test("an error keeps its code, its place and its field", () => {
  const extensions = { code: "BAD_USER_INPUT", argument: "filter.query", column: 3 };
  const error = new CombinedError({ graphQLErrors: [{ message: "unknown field", path: ["logs"], extensions }] });
  expect(problemsOf(error)).toMatchObject([
    { text: "Unknown field.", field: "logs", failure: { code: "BAD_USER_INPUT", details: { argument: "filter.query", column: 3 } } },
  ]);
});

test("what kept an answer from coming is one problem of the whole", () => {
  const refused = new CombinedError({ networkError: new TypeError("connection refused") });
  expect(problemsOf(refused)).toMatchObject([{ field: undefined, failure: { code: "UNREACHABLE" } }]);
  const over = new CombinedError({ networkError: new Failure("UNAUTHENTICATED", "sign in first") });
  expect(problemsOf(over)).toMatchObject([{ text: "Sign in first.", failure: { code: "UNAUTHENTICATED" } }]);
});
