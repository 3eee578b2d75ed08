/** The session for components: its state, and a gate that lets nobody through who is not signed in. */
import { createContext, useContext, useEffect, useRef, useState, useSyncExternalStore, type ReactNode } from "react";

import { explain } from "./explain.ts";
import type { User } from "./operations.ts";
import type { Session, State } from "./session.ts";
import { SignIn } from "./SignIn.tsx";
import { Button } from "../ui/Button.tsx";
import { Card } from "../ui/Card.tsx";
import { Notice } from "../ui/Notice.tsx";
import { BEHIND, PortalContext } from "../ui/portal.ts";
import "./gate.css";

/** Where the session stands, now and whenever that changes. */
function useSessionState(session: Session): State {
  return useSyncExternalStore(session.subscribe, session.state);
}

const UserContext = createContext<User | undefined>(undefined);

/** Who is signed in, for whatever stands behind the gate. */
export function useUser(): User {
  const user = useContext(UserContext);
  if (user === undefined) throw new Error("nobody is signed in here");
  return user;
}

interface SignedInProps {
  readonly session: Session;
  readonly children: (user: User) => ReactNode;
}

/** Shows its children to whoever is signed in, and a sign-in to everybody else. When a session ends by itself its view
 * waits behind the sign-in, out of sight and out of reach: whoever signs in again finds it as it was, and somebody else
 * does not. */
export function SignedIn({ session, children }: SignedInProps): ReactNode {
  const state = useSessionState(session);
  const last = useRef<User>(undefined);
  const [behind, setBehind] = useState<HTMLElement | null>(null);
  useEffect(() => void session.start(), [session]);
  const waits = state.kind === "signed-out" && state.expired;
  const user = state.kind === "signed-in" ? state.user : waits ? last.current : undefined;
  useEffect(() => {
    last.current = user;
  }, [user]);
  return (
    <>
      {user !== undefined && (
        <div key={user.id} ref={setBehind} id={BEHIND} className="behind" inert={waits}>
          <PortalContext value={behind}>
            <UserContext value={user}>{children(user)}</UserContext>
          </PortalContext>
        </div>
      )}
      {state.kind !== "signed-in" && <div className="gate"><Gate session={session} state={state} /></div>}
    </>
  );
}

type Outside = Exclude<State, { readonly kind: "signed-in" }>;

/** What whoever is not signed in sees. */
function Gate({ session, state }: { readonly session: Session; readonly state: Outside }): ReactNode {
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
  }
}
