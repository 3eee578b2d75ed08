import { expect, test } from "vitest";

import { actionInWords, outcomeInWords } from "./words.ts";

test("the names of mutations and of errors are read as words", () => {
  expect(["createUser", "endSessionsOf", "login", "user add"].map(actionInWords)).toEqual([
    "create user", "end sessions of", "login", "user add",
  ]);
  expect(outcomeInWords("TOO_MANY_ATTEMPTS")).toBe("too many attempts");
});
