import { useState, type ReactNode } from "react";

import { END_SESSION, END_SESSIONS, SESSIONS } from "./operations.ts";
import { agentInWords } from "./userAgent.ts";
import { counted } from "../format/numbers.ts";
import type { SessionsQuery } from "../graphql/generated/graphql.ts";
import { run, useAnswer } from "../graphql/hooks.ts";
import { session as own } from "../session/index.ts";
import { Ago } from "../ui/Ago.tsx";
import { Badge } from "../ui/Badge.tsx";
import { Button } from "../ui/Button.tsx";
import { Confirm } from "../ui/Confirm.tsx";
import { Page } from "../ui/Page.tsx";
import { Problems } from "../ui/Problems.tsx";
import { Spinner } from "../ui/Spinner.tsx";
import { Table } from "../ui/Table.tsx";
import { toast } from "../ui/toasts.ts";
import { useNow } from "../ui/useNow.ts";

type OpenSession = NonNullable<SessionsQuery["sessions"]>[number];

/** What is to be ended. */
type Ending = { readonly kind: "one"; readonly session: OpenSession } | { readonly kind: "others" | "all" };

/** Where one is signed in. */
export function Sessions(): ReactNode {
  const { data, problems, asking, again } = useAnswer(SESSIONS, {});
  const [ending, setEnding] = useState<Ending>();
  const sessions = data?.sessions;
  return (
    <Page
      title="Where you are signed in"
      actions={
        <>
          {sessions && sessions.length > 1 && (
            <Button onClick={() => setEnding({ kind: "others" })}>End the others…</Button>
          )}
          <Button look="danger" onClick={() => setEnding({ kind: "all" })}>Sign out everywhere…</Button>
        </>
      }
    >
      <Problems problems={problems} again={again} />
      {!sessions && asking && <Spinner />}
      {sessions && <SessionsTable sessions={sessions} onEnd={(session) => setEnding({ kind: "one", session })} />}
      {ending !== undefined && <EndDialog ending={ending} onEnded={again} onClose={() => setEnding(undefined)} />}
    </Page>
  );
}

interface SessionsTableProps {
  readonly sessions: readonly OpenSession[];
  readonly onEnd: (session: OpenSession) => void;
}

function SessionsTable({ sessions, onEnd }: SessionsTableProps): ReactNode {
  const now = useNow();
  return (
    <Table label="Sessions">
      <thead>
        <tr>
          <th>With</th><th>From</th><th>Last used</th><th>Signed in</th><th>Ends unless used</th>
          <th className="actions"><span className="visually-hidden">Actions</span></th>
        </tr>
      </thead>
      <tbody>
        {sessions.map((session) => (
          <tr key={session.id}>
            <th scope="row" title={session.userAgent ?? undefined}>
              {agentInWords(session.userAgent)} {session.current && <Badge kind="accent">this one</Badge>}
            </th>
            <td>{session.address ?? <span className="soft">unknown</span>}</td>
            <td><Ago at={session.lastUsedAt} now={now} /></td>
            <td className="soft"><Ago at={session.createdAt} now={now} /></td>
            <td className="soft"><Ago at={session.expiresAt} now={now} /></td>
            <td className="actions">
              {!session.current && (
                <Button
                  look="quiet" aria-label={`End the session of ${agentInWords(session.userAgent)}`}
                  onClick={() => onEnd(session)}
                >
                  End…
                </Button>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

interface EndDialogProps {
  readonly ending: Ending;
  readonly onEnded: () => void;
  readonly onClose: () => void;
}

function EndDialog({ ending, onEnded, onClose }: EndDialogProps): ReactNode {
  switch (ending.kind) {
    case "one": {
      const { id, userAgent, address } = ending.session;
      const end = async () => {
        await run(END_SESSION, { id });
        toast("The session is ended.");
        onEnded();
      };
      return (
        <Confirm title="End this session?" submit="End it" busy="Ending…" action={end} onClose={onClose}>
          {agentInWords(userAgent)}{address !== null && ` from ${address}`} is signed out.
        </Confirm>
      );
    }
    case "others": {
      const end = async () => {
        const { endSessions } = await run(END_SESSIONS, { keepThis: true });
        toast(`${counted(endSessions ?? 0, "session")} ended.`);
        onEnded();
      };
      return (
        <Confirm title="End all other sessions?" submit="End them" busy="Ending…" action={end} onClose={onClose}>
          You stay signed in here. Somebody who should not be signed in may know the password: change it, too.
        </Confirm>
      );
    }
    case "all": {
      const end = async () => {
        await run(END_SESSIONS, { keepThis: true });
        await own.signOut();
      };
      return (
        <Confirm
          title="Sign out everywhere?" submit="Sign out everywhere" busy="Signing out…" action={end} onClose={onClose}
        >
          All your sessions end, this one too. API tokens stay good.
        </Confirm>
      );
    }
  }
}
