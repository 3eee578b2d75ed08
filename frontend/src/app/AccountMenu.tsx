import { useLocation } from "wouter";
import type { ReactNode } from "react";

import type { Route } from "./routes.ts";
import { explain } from "../session/explain.ts";
import type { User } from "../session/operations.ts";
import type { Session } from "../session/session.ts";
import { Button } from "../ui/Button.tsx";
import { Icon } from "../ui/Icon.tsx";
import { Menu, MenuChoice, MenuItem, MenuLabel, MenuLink, MenuSeparator } from "../ui/Menu.tsx";
import { THEMES, useTheme } from "../ui/theme.ts";
import { toast } from "../ui/toasts.ts";

interface AccountMenuProps {
  readonly session: Session;
  readonly user: User;
  /** The pages about the account. */
  readonly routes: readonly Route[];
}

/** Who is signed in, what is theirs, and the way out. */
export function AccountMenu({ session, user, routes }: AccountMenuProps): ReactNode {
  const [, go] = useLocation();
  const [theme, choose] = useTheme();
  const signOut = () => {
    session.signOut().catch((error: unknown) => toast(explain(error), "error"));
  };
  const name = user.displayName || user.username;
  return (
    <Menu
      trigger={
        <Button look="quiet" className="shell-account" aria-label={`Account of ${name}`}>
          <Icon name="user" />
          <span className="shell-name">{name}</span>
          <Icon name="chevron" size={12} />
        </Button>
      }
    >
      <MenuLabel><strong>{user.username}</strong> · {user.role.toLowerCase()}</MenuLabel>
      {routes.map(({ path, title }) => <MenuItem key={path} onSelect={() => go(path)}>{title}</MenuItem>)}
      <MenuLink><a href="/graphiql">GraphiQL</a></MenuLink>
      <MenuSeparator />
      <MenuChoice label="Theme" value={theme} options={THEMES} onChange={choose} />
      <MenuSeparator />
      <MenuItem onSelect={signOut}>Sign out</MenuItem>
    </Menu>
  );
}
