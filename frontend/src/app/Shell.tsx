import { useEffect, useRef, useState, type ReactNode, type RefObject } from "react";
import { Link, useLocation } from "wouter";

import { AccountMenu } from "./AccountMenu.tsx";
import { HelpDialog } from "./HelpDialog.tsx";
import { NavigationKeys } from "./NavigationKeys.tsx";
import { routeAt, routesOf, type Route } from "./routes.ts";
import { useWaysBack } from "./useWaysBack.ts";
import type { User } from "../session/operations.ts";
import type { Session } from "../session/session.ts";
import { IconButton } from "../ui/Button.tsx";
import { Icon } from "../ui/Icon.tsx";
import icon from "../ui/icon.svg";
import { Menu, MenuLink } from "../ui/Menu.tsx";
import { useShortcut } from "../ui/shortcuts.ts";
import "./Shell.css";

interface ShellProps {
  readonly session: Session;
  readonly user: User;
  /** The page. */
  readonly children: ReactNode;
}

/** What stands around every page: the way to the others, and the account. */
export function Shell({ session, user, children }: ShellProps): ReactNode {
  const [helping, setHelping] = useState(false);
  const main = useRef<HTMLElement>(null);
  const [path] = useLocation();
  const wayBack = useWaysBack();
  useShortcut({ keys: "?", does: "Show the keys", group: "Everywhere" }, () => setHelping(true));
  usePageChange(path, main);
  const routes = routesOf(user.role);
  const current = (route: Route) => (route.path === path ? "page" : undefined);
  const inBar = routes.filter(({ place }) => place === "bar");
  return (
    <div className="shell">
      <a className="shell-skip" href="#main">Skip to the page</a>
      <header className="shell-bar">
        <Link className="shell-home" href="/" aria-label="Tailwater: the log">
          <img src={icon} alt="" width={22} height={22} />
          <span>Tailwater</span>
        </Link>
        <nav className="shell-links" aria-label="Pages">
          {inBar.map((route) => (
            <Link key={route.path} className="shell-link" href={wayBack(route.path)} aria-current={current(route)}>
              {route.title}
            </Link>
          ))}
        </nav>
        <div className="shell-narrow">
          <Menu align="start" trigger={<IconButton label="Pages"><Icon name="menu" /></IconButton>}>
            {inBar.map((route) => (
              <MenuLink key={route.path}>
                <Link href={wayBack(route.path)} aria-current={current(route)}>{route.title}</Link>
              </MenuLink>
            ))}
          </Menu>
        </div>
        <div className="shell-end">
          <IconButton label="Keys (?)" onClick={() => setHelping(true)}><Icon name="help" /></IconButton>
          <AccountMenu session={session} user={user} routes={routes.filter(({ place }) => place === "account")} />
        </div>
      </header>
      <main id="main" className="shell-main" ref={main} tabIndex={-1}>{children}</main>
      <HelpDialog open={helping} onOpenChange={setHelping} />
      <NavigationKeys routes={routes} wayBack={wayBack} />
    </div>
  );
}

/** Tells of another page as a browser does of another document: by its title, from its top. */
function usePageChange(path: string, main: RefObject<HTMLElement | null>): void {
  const before = useRef(path);
  useEffect(() => {
    document.title = `${routeAt(path)?.title ?? "Nothing here"} · Tailwater`;
    if (before.current === path) return;
    before.current = path;
    main.current?.scrollTo({ top: 0 });
    main.current?.focus({ preventScroll: true });
  }, [path, main]);
}
