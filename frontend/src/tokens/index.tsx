import { useState, type ReactNode } from "react";

import { standing } from "./expiry.ts";
import { NewTokenDialog } from "./NewTokenDialog.tsx";
import { REVOKE_TOKEN, TOKENS } from "./operations.ts";
import type { TokensQuery } from "../graphql/generated/graphql.ts";
import { run, useAnswer } from "../graphql/hooks.ts";
import { useUser } from "../session/react.tsx";
import { Ago } from "../ui/Ago.tsx";
import { Badge } from "../ui/Badge.tsx";
import { Button } from "../ui/Button.tsx";
import { Confirm } from "../ui/Confirm.tsx";
import { Empty } from "../ui/Empty.tsx";
import { Icon } from "../ui/Icon.tsx";
import { Page } from "../ui/Page.tsx";
import { Problems } from "../ui/Problems.tsx";
import { Segments } from "../ui/Segments.tsx";
import { Spinner } from "../ui/Spinner.tsx";
import { Table } from "../ui/Table.tsx";
import { toast } from "../ui/toasts.ts";
import { useNow } from "../ui/useNow.ts";
import "./tokens.css";

type Token = NonNullable<TokensQuery["tokens"]>[number];

const WHOSE = { own: "Yours", all: "Everybody's" } as const;

/** The API tokens: one's own, or for admins all there are. */
export function Tokens(): ReactNode {
  const { role } = useUser();
  const [whose, setWhose] = useState<keyof typeof WHOSE>("own");
  const { data, problems, asking, again } = useAnswer(TOKENS, { all: whose === "all" });
  const [making, setMaking] = useState(false);
  const [revoking, setRevoking] = useState<Token>();
  const tokens = data?.tokens;
  return (
    <Page
      title="API tokens"
      actions={
        <>
          {role === "ADMIN" && (
            <Segments label="Whose tokens" value={whose} options={WHOSE} onChange={setWhose} />
          )}
          <Button look="primary" onClick={() => setMaking(true)}><Icon name="plus" />New token</Button>
        </>
      }
    >
      <Problems problems={problems} again={again} />
      {!tokens && asking && <Spinner />}
      {tokens?.length === 0 && (
        <Empty title="There is no token.">
          <p>A program that reads the log signs in with one: a dashboard, a script, <code>tailwater tail</code>.</p>
        </Empty>
      )}
      {tokens && tokens.length > 0 && <TokensTable tokens={tokens} withOwner={whose === "all"} onRevoke={setRevoking} />}
      {making && <NewTokenDialog role={role} onMade={again} onClose={() => setMaking(false)} />}
      {revoking !== undefined && (
        <Confirm
          title={`Revoke ${revoking.name}?`} submit="Revoke" busy="Revoking…" onClose={() => setRevoking(undefined)}
          action={async () => {
            await run(REVOKE_TOKEN, { id: revoking.id });
            toast(`${revoking.name} is revoked.`);
            again();
          }}
        >
          Whatever uses it is let in no more, at once and for good.
        </Confirm>
      )}
    </Page>
  );
}

interface TokensTableProps {
  readonly tokens: readonly Token[];
  readonly withOwner: boolean;
  readonly onRevoke: (token: Token) => void;
}

function TokensTable({ tokens, withOwner, onRevoke }: TokensTableProps): ReactNode {
  const now = useNow();
  return (
    <Table label="API tokens">
      <thead>
        <tr>
          <th>Name</th>{withOwner && <th>Owner</th>}<th>Begins with</th><th>May</th><th>Last used</th><th>Made</th>
          <th>Ends</th>
          <th className="actions"><span className="visually-hidden">Actions</span></th>
        </tr>
      </thead>
      <tbody>
        {tokens.map((token) => (
          <tr key={token.id}>
            <th scope="row">{token.name}</th>
            {withOwner && <td>{token.owner?.username}</td>}
            <td className="soft"><code className="tokens-prefix">{token.prefix}…</code></td>
            <td>{token.scope === "READ" ? "read" : <Badge kind="warning">all its owner may</Badge>}</td>
            <td><Ago at={token.lastUsedAt} now={now} /></td>
            <td className="soft"><Ago at={token.createdAt} now={now} /></td>
            <td><Ends at={token.expiresAt} now={now} /></td>
            <td className="actions">
              <Button look="quiet" onClick={() => onRevoke(token)} aria-label={`Revoke ${token.name}`}>Revoke…</Button>
            </td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

function Ends({ at, now }: { readonly at: string | null; readonly now: number }): ReactNode {
  const kind = { good: undefined, ending: "warning", over: "error" } as const;
  const badge = kind[standing(at, now)];
  const words = <Ago at={at} now={now} />;
  return badge === undefined ? words : <Badge kind={badge}>{words}</Badge>;
}
