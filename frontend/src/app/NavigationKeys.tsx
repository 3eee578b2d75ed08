import type { ReactNode } from "react";
import { useLocation } from "wouter";

import type { Route } from "./routes.ts";
import { useShortcut } from "../ui/shortcuts.ts";

interface NavigationKeysProps {
  readonly routes: readonly Route[];
  /** The address of a page. */
  readonly wayBack: (path: string) => string;
}

/** `g` and a letter lead to each page. */
export function NavigationKeys({ routes, wayBack }: NavigationKeysProps): ReactNode {
  return routes.map((route) => <NavigationKey key={route.path} route={route} address={wayBack(route.path)} />);
}

function NavigationKey({ route, address }: { readonly route: Route; readonly address: string }): ReactNode {
  const [, go] = useLocation();
  useShortcut({ keys: `g ${route.key}`, does: `Go to ${route.title}`, group: "Pages" }, () => go(address));
  return null;
}
