/** The pages of the dashboard: where they are, who may see them, and how they are loaded. */
import { lazyPage, type LazyPage } from "./page.ts";
import type { Role } from "../session/operations.ts";

export interface Route {
  readonly path: string;
  readonly title: string;
  /** Whose the page is: everybody's who reads the log, or of those who have at least this role. */
  readonly role: Role;
  /** Where its link stands: in the bar, or in the menu of the account. */
  readonly place: "bar" | "account";
  /** The letter that leads there after `g`. */
  readonly key: string;
  readonly page: LazyPage;
}

export const ROUTES: readonly Route[] = [
  {
    path: "/", title: "Explore", role: "VIEWER", place: "bar", key: "e",
    page: lazyPage(async () => (await import("../logs/index.tsx")).Explore),
  },
  {
    path: "/sources", title: "Sources", role: "VIEWER", place: "bar", key: "s",
    page: lazyPage(async () => (await import("../sources/index.tsx")).Sources),
  },
  {
    path: "/pipeline", title: "Pipeline", role: "VIEWER", place: "bar", key: "p",
    page: lazyPage(async () => (await import("../pipeline/index.tsx")).Pipeline),
  },
  {
    path: "/users", title: "Users", role: "ADMIN", place: "bar", key: "u",
    page: lazyPage(async () => (await import("../users/index.tsx")).Users),
  },
  {
    path: "/audit", title: "Audit", role: "ADMIN", place: "bar", key: "d",
    page: lazyPage(async () => (await import("../audit/index.tsx")).Audit),
  },
  {
    path: "/account", title: "Account", role: "VIEWER", place: "account", key: "a",
    page: lazyPage(async () => (await import("../account/index.tsx")).Account),
  },
  {
    path: "/sessions", title: "Sessions", role: "VIEWER", place: "account", key: "i",
    page: lazyPage(async () => (await import("../sessions/index.tsx")).Sessions),
  },
  {
    path: "/tokens", title: "API tokens", role: "MEMBER", place: "account", key: "t",
    page: lazyPage(async () => (await import("../tokens/index.tsx")).Tokens),
  },
];

/** The page at a path. */
export function routeAt(path: string): Route | undefined {
  return ROUTES.find((route) => route.path === path);
}

const RANKS: Readonly<Record<Role, number>> = { VIEWER: 0, MEMBER: 1, ADMIN: 2 };

/** The pages that a role may see. */
export function routesOf(role: Role): readonly Route[] {
  return ROUTES.filter((route) => RANKS[role] >= RANKS[route.role]);
}
