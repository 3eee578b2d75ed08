import { expect, test } from "vitest";

import { explain } from "./explain.ts";
import { Failure } from "./request.ts";

test("errors are explained by their code", () => {
  expect(explain(new Failure("UNAUTHENTICATED", "wrong username or password"))).toBe("Wrong username or password.");
  expect(explain(new Failure("TOO_MANY_ATTEMPTS", "…", { retryAfter: 1 }))).toContain("Try again in a second.");
  expect(explain(new Failure("TOO_MANY_ATTEMPTS", "…", { retryAfter: 42 }))).toContain("Try again in 42 seconds.");
  expect(explain(new Failure("TOO_MANY_ATTEMPTS", "…", { retryAfter: 300 }))).toContain("Try again in 5 minutes.");
  expect(explain(new Failure("UNREACHABLE", "…"))).toContain("cannot be reached");
  expect(explain(new TypeError("x is undefined"))).toBe("Something went wrong in this page. Please reload it.");
});
