import type { ReactNode } from "react";

import { CHANGE_USER, CREATE_USER } from "./operations.ts";
import { readScope, writeScope, type Scope, type User } from "./scope.ts";
import type { Role } from "../graphql/generated/graphql.ts";
import { run } from "../graphql/hooks.ts";
import { Button } from "../ui/Button.tsx";
import { Dialog } from "../ui/Dialog.tsx";
import { Field, Select } from "../ui/Field.tsx";
import { Form } from "../ui/Form.tsx";

/** The shortest and the longest password, in characters. */
export const PASSWORD = { minLength: 8, maxLength: 256 } as const;

interface UserFormProps {
  /** Who is changed; nobody when a user is made. */
  readonly user?: User;
  /** Called with the name of the user when that is done. */
  readonly onDone: (name: string) => void;
  readonly onClose: () => void;
}

/** Makes a user, or changes one. */
export function UserForm({ user, onDone, onClose }: UserFormProps): ReactNode {
  const scope = readScope(user?.scope);
  const save = async (values: FormData) => {
    const entered = read(values, scope);
    if (user === undefined) await create(values, entered);
    else await run(CHANGE_USER, { id: user.id, input: entered });
    onDone(user?.username ?? text(values, "username"));
  };
  return (
    <Dialog title={user === undefined ? "New user" : `Change ${user.username}`} open onOpenChange={onClose}>
      <Form
        action={save} submit={user === undefined ? "Create" : "Save"} busy="Saving…" conflictAt="username"
        beside={<Button onClick={onClose}>Cancel</Button>}
      >
        {user === undefined && (
          <>
            <Field
              label="Username" name="username" hint="Letters, digits and . _ - @ +"
              pattern="[A-Za-z0-9._@+\-]+" title="Letters, digits and . _ - @ +" maxLength={64}
              autoComplete="off" autoCapitalize="none" spellCheck={false} required
            />
            <Field
              label="Password" name="password" type="password" autoComplete="new-password"
              hint={`At least ${PASSWORD.minLength} characters`} required {...PASSWORD}
            />
          </>
        )}
        <Field
          label="Name" name="displayName" defaultValue={user?.displayName} autoComplete="off"
          hint={user === undefined && "How the user is called; the username when it is empty"}
        />
        <Field
          label="E-mail" name="email" type="email" defaultValue={user?.email ?? ""} maxLength={254} autoComplete="off"
        />
        <Select
          label="Role" name="role" defaultValue={user?.role ?? "VIEWER"}
          hint={user !== undefined && "A new role ends what the user has open"}
        >
          {Object.entries<string>(ROLES).map(([role, words]) => <option key={role} value={role}>{words}</option>)}
        </Select>
        <Field
          label="Sees only" name="query" defaultValue={scope.query} placeholder="everything"
          spellCheck={false} autoComplete="off"
          hint={<>Records that match a search, as <code>host:web-*</code>{others(scope)}</>}
        />
      </Form>
    </Dialog>
  );
}

export const ROLES: Readonly<Record<Role, string>> = {
  VIEWER: "Viewer: reads and follows the log",
  MEMBER: "Member: also saves searches and has API tokens",
  ADMIN: "Admin: also manages users and sees the audit log",
};

interface Entered {
  readonly displayName?: string;
  readonly email: string | null;
  readonly role: Role;
  readonly scope: ReturnType<typeof writeScope>;
}

function read(values: FormData, { others }: Scope): Entered {
  const displayName = text(values, "displayName");
  return {
    ...(displayName !== "" && { displayName }),
    email: text(values, "email") || null,
    role: text(values, "role") as Role,
    scope: writeScope({ query: text(values, "query"), others }),
  };
}

async function create(values: FormData, entered: Entered): Promise<void> {
  const [username, password] = [text(values, "username"), String(values.get("password"))];
  await run(CREATE_USER, { input: { ...entered, username, password } });
}

function text(values: FormData, name: string): string {
  return String(values.get(name) ?? "").trim();
}

/** What the scope says besides, which this form does not change. */
function others({ others: kept }: Scope): string {
  return Object.keys(kept).length === 0 ? "" : `, and besides: ${JSON.stringify(kept)}`;
}
