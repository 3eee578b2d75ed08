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
