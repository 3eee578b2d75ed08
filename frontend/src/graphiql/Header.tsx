import { useState, type ReactNode } from "react";

import { explain } from "../session/explain.ts";
import type { User } from "../session/operations.ts";
import type { Session } from "../session/session.ts";
import { Button } from "../ui/Button.tsx";
import icon from "../ui/icon.svg";

interface HeaderProps {
  readonly session: Session;
  readonly user: User;
}

/** Where one is, who is signed in, and the way out. */
export function Header({ session, user }: HeaderProps): ReactNode {
  const [problem, setProblem] = useState<string>();
  const signOut = () => {
    setProblem(undefined);
    session.signOut().catch((error: unknown) => setProblem(explain(error)));
  };
  return (
    <header className="header">
      <a className="header-home" href="/">
        <img src={icon} alt="" width={22} height={22} />
        Tailwater
      </a>
      <h1>GraphiQL</h1>
      <span className="header-problem" role="alert">{problem}</span>
      <span className="header-user">
        {user.displayName || user.username} <span className="header-role">{user.role.toLowerCase()}</span>
      </span>
      <Button onClick={signOut}>Sign out</Button>
    </header>
  );
}
