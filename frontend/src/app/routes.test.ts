import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

import { routeAt, ROUTES, routesOf } from "./routes.ts";

test("each role has the pages that it may use", () => {
  const paths = (role: Parameters<typeof routesOf>[0]) => routesOf(role).map(({ path }) => path);
  expect(paths("VIEWER")).toEqual(["/", "/sources", "/pipeline", "/account", "/sessions"]);
  expect(paths("MEMBER")).toEqual([...paths("VIEWER"), "/tokens"]);
  expect(paths("ADMIN")).toHaveLength(ROUTES.length);
});

test("every page has a key of its own", () => {
  expect(new Set(ROUTES.map(({ key }) => key)).size).toBe(ROUTES.length);
});

test("a page is found by its path alone", () => {
  expect(routeAt("/users")?.title).toBe("Users");
  expect(routeAt("/users/")).toBeUndefined();
});

test("the server knows every page; mend it in src/http/pages.rs", () => {
  const source = readFileSync(new URL("../../../src/http/pages.rs", import.meta.url), "utf8");
  const [, list = ""] = /pub const DASHBOARD: \[&str; \d+\] =\s*\[([^\]]*)\]/.exec(source) ?? [];
  const served = [...list.matchAll(/"([^"]+)"/g)].map(([, path]) => path);
  expect(served).toEqual(ROUTES.map(({ path }) => path));
});
