/** The session for components: its state, and a gate that lets nobody through who is not signed in. */
import { useEffect, useSyncExternalStore, type ReactNode } from "react";

import { explain } from "./explain.ts";
import type { User } from "./operations.ts";
import type { Session, State } from "./session.ts";
import { SignIn } from "./SignIn.tsx";
import { Button } from "../ui/Button.tsx";
import { Card } from "../ui/Card.tsx";
import { Notice } from "../ui/Notice.tsx";

/** Where the session stands, now and whenever that changes. */
export function useSessionState(session: Session): State {
  return useSyncExternalStore(session.subscribe, session.state);
}

interface SignedInProps {
  readonly session: Session;
  readonly children: (user: User) => ReactNode;
}

/** Shows its children to whoever is signed in, and a sign-in to everybody else. */
export function SignedIn({ session, children }: SignedInProps): ReactNode {
  const state = useSessionState(session);
  useEffect(() => void session.start(), [session]);
  switch (state.kind) {
    case "starting":
      return <p className="visually-hidden" role="status">Looking for your session</p>;
    case "unreachable":
      return (
        <Card title="Tailwater">
          <Notice kind="error">{explain(state.failure)}</Notice>
          <Button onClick={() => void session.start()}>Try again</Button>
        </Card>
      );
    case "signed-out":
      return <SignIn session={session} expired={state.expired} />;
    case "signed-in":
      return children(state.user);
  }
}
