import type { ReactNode } from "react";
import { useLocation } from "wouter";

import type { Route } from "./routes.ts";
import { useShortcut } from "../ui/shortcuts.ts";

/** `g` and a letter lead to each page. */
export function NavigationKeys({ routes }: { readonly routes: readonly Route[] }): ReactNode {
  return routes.map((route) => <NavigationKey key={route.path} route={route} />);
}

function NavigationKey({ route }: { readonly route: Route }): ReactNode {
  const [, go] = useLocation();
  useShortcut({ keys: `g ${route.key}`, does: `Go to ${route.title}`, group: "Pages" }, () => go(route.path));
  return null;
}
