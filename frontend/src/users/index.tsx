import { useState, type ReactNode } from "react";

import { USERS } from "./operations.ts";
import { scopeInWords, type User } from "./scope.ts";
import { UserDialogs, type Doing } from "./UserDialogs.tsx";
import { useAnswer } from "../graphql/hooks.ts";
import { useUser } from "../session/react.tsx";
import { Ago } from "../ui/Ago.tsx";
import { Badge } from "../ui/Badge.tsx";
import { Button, IconButton } from "../ui/Button.tsx";
import { Icon } from "../ui/Icon.tsx";
import { Menu, MenuItem, MenuSeparator } from "../ui/Menu.tsx";
import { Notice } from "../ui/Notice.tsx";
import { Page } from "../ui/Page.tsx";
import { Problems } from "../ui/Problems.tsx";
import { Spinner } from "../ui/Spinner.tsx";
import { Table } from "../ui/Table.tsx";
import { toast } from "../ui/toasts.ts";
import { useNow } from "../ui/useNow.ts";

/** Who may sign in, and as what. */
export function Users(): ReactNode {
  const { data, problems, asking, again } = useAnswer(USERS, {});
  const [doing, setDoing] = useState<Doing>();
  const users = data?.users?.edges.map(({ node }) => node);
  const onDone = (words: string) => {
    setDoing(undefined);
    toast(words);
    again();
  };
  return (
    <Page
      title="Users"
      actions={<Button look="primary" onClick={() => setDoing({ kind: "create" })}><Icon name="plus" />New user</Button>}
    >
      <Problems problems={problems} again={again} />
      {users === undefined && asking && <Spinner />}
      {data?.users?.pageInfo.hasNextPage && <Notice kind="info">These are the first thousand users by name.</Notice>}
      {users !== undefined && <UsersTable users={users} onDo={setDoing} />}
      {doing !== undefined && <UserDialogs doing={doing} onDone={onDone} onClose={() => setDoing(undefined)} />}
    </Page>
  );
}

interface UsersTableProps {
  readonly users: readonly User[];
  readonly onDo: (doing: Doing) => void;
}

function UsersTable({ users, onDo }: UsersTableProps): ReactNode {
  const now = useNow();
  const { id: own } = useUser();
  return (
    <Table label="Users">
      <thead>
        <tr>
          <th>User</th><th>Name</th><th>E-mail</th><th>Role</th><th>Sees</th><th>Last sign-in</th><th>Made</th>
          <th className="actions"><span className="visually-hidden">Actions</span></th>
        </tr>
      </thead>
      <tbody>
        {users.map((user) => (
          <tr key={user.id}>
            <th scope="row">
              {user.username} {user.id === own && <Badge kind="accent">you</Badge>}
              {user.disabled && <Badge kind="error">disabled</Badge>}
            </th>
            <td>{user.displayName}</td>
            <td className="soft">{user.email}</td>
            <td>{user.role.toLowerCase()}</td>
            <td className="wide">{scopeInWords(user.scope) ?? <span className="soft">everything</span>}</td>
            <td><Ago at={user.lastSignIn} now={now} /></td>
            <td className="soft"><Ago at={user.createdAt} now={now} /></td>
            <td className="actions"><Actions user={user} onDo={onDo} /></td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

function Actions({ user, onDo }: { readonly user: User; readonly onDo: (doing: Doing) => void }): ReactNode {
  return (
    <Menu trigger={<IconButton label={`Actions for ${user.username}`}><Icon name="more" /></IconButton>}>
      <MenuItem onSelect={() => onDo({ kind: "change", user })}>Change…</MenuItem>
      <MenuItem onSelect={() => onDo({ kind: "password", user })}>Set password…</MenuItem>
      <MenuItem onSelect={() => onDo({ kind: "end", user })}>End sessions…</MenuItem>
      <MenuSeparator />
      {user.disabled ? (
        <MenuItem onSelect={() => onDo({ kind: "enable", user })}>Enable…</MenuItem>
      ) : (
        <MenuItem onSelect={() => onDo({ kind: "disable", user })}>Disable…</MenuItem>
      )}
      <MenuItem danger onSelect={() => onDo({ kind: "remove", user })}>Remove…</MenuItem>
    </Menu>
  );
}
