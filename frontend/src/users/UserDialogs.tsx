import type { ReactNode } from "react";

import { CHANGE_USER, END_SESSIONS_OF, REMOVE_USER, SET_PASSWORD } from "./operations.ts";
import type { User } from "./scope.ts";
import { PASSWORD, UserForm } from "./UserForm.tsx";
import { counted } from "../format/numbers.ts";
import { run } from "../graphql/hooks.ts";
import { Button } from "../ui/Button.tsx";
import { Confirm } from "../ui/Confirm.tsx";
import { Dialog } from "../ui/Dialog.tsx";
import { Field } from "../ui/Field.tsx";
import { Form } from "../ui/Form.tsx";

/** What is being done with a user. */
export type Doing =
  | { readonly kind: "create" }
  | { readonly kind: "change" | "password" | "end" | "disable" | "enable" | "remove"; readonly user: User };

interface UserDialogsProps {
  readonly doing: Doing;
  /** Called with what to say when it is done. */
  readonly onDone: (words: string) => void;
  readonly onClose: () => void;
}

/** The dialog for what is being done. */
export function UserDialogs({ doing, onDone, onClose }: UserDialogsProps): ReactNode {
  if (doing.kind === "create") return <UserForm onDone={(name) => onDone(`${name} can sign in now.`)} onClose={onClose} />;
  const { user } = doing;
  const name = user.username;
  switch (doing.kind) {
    case "change":
      return <UserForm user={user} onDone={() => onDone(`${name} is changed.`)} onClose={onClose} />;
    case "password":
      return <PasswordDialog user={user} onDone={onDone} onClose={onClose} />;
    case "end":
      return (
        <Confirm
          title={`End the sessions of ${name}?`} submit="End them" busy="Ending…" onClose={onClose}
          action={async () => {
            const { endSessionsOf } = await run(END_SESSIONS_OF, { user: user.id });
            onDone(`${counted(endSessionsOf ?? 0, "session")} of ${name} ended.`);
          }}
        >
          {name} is signed out everywhere, and can sign in again. API tokens stay good.
        </Confirm>
      );
    case "disable":
    case "enable":
      return <Switch user={user} disabled={doing.kind === "disable"} onDone={onDone} onClose={onClose} />;
    case "remove":
      return (
        <Confirm
          title={`Remove ${name}?`} submit={`Remove ${name}`} busy="Removing…" onClose={onClose}
          action={async () => {
            await run(REMOVE_USER, { id: user.id });
            onDone(`${name} is removed.`);
          }}
        >
          With the user go all sessions, API tokens and saved searches. This cannot be undone; disabling can.
        </Confirm>
      );
  }
}

interface AboutUser {
  readonly user: User;
  readonly onDone: (words: string) => void;
  readonly onClose: () => void;
}

function Switch({ user, disabled, onDone, onClose }: AboutUser & { readonly disabled: boolean }): ReactNode {
  const name = user.username;
  return (
    <Confirm
      title={disabled ? `Disable ${name}?` : `Let ${name} in again?`} danger={disabled} onClose={onClose}
      submit={disabled ? "Disable" : "Enable"} busy="Saving…"
      action={async () => {
        await run(CHANGE_USER, { id: user.id, input: { disabled } });
        onDone(disabled ? `${name} is let in no more.` : `${name} can sign in again.`);
      }}
    >
      {disabled
        ? "The user is signed out everywhere and let in no more, API tokens included. Everything else is kept."
        : "The user can sign in with the password of before, and the API tokens are good again."}
    </Confirm>
  );
}

function PasswordDialog({ user, onDone, onClose }: AboutUser): ReactNode {
  const set = async (values: FormData) => {
    await run(SET_PASSWORD, { id: user.id, password: String(values.get("password")) });
    onDone(`${user.username} has a new password.`);
    onClose();
  };
  return (
    <Dialog
      title={`New password for ${user.username}`} open onOpenChange={onClose}
      description="It ends the user's sessions. Tell it to the user on a way that others do not hear."
    >
      <Form action={set} submit="Set the password" busy="Saving…" beside={<Button onClick={onClose}>Cancel</Button>}>
        <Field
          label="Password" name="password" type="password" autoComplete="new-password"
          hint={`At least ${PASSWORD.minLength} characters`} required {...PASSWORD}
        />
      </Form>
    </Dialog>
  );
}
