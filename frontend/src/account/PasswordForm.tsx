import { useState, type ReactNode } from "react";

import { CHANGE_PASSWORD } from "./operations.ts";
import { run } from "../graphql/hooks.ts";
import { Failure } from "../session/request.ts";
import { Field } from "../ui/Field.tsx";
import { Form } from "../ui/Form.tsx";
import { toast } from "../ui/toasts.ts";

/** The shortest and the longest password, in characters. */
const LENGTHS = { minLength: 8, maxLength: 256 } as const;

/** Changes the password of whoever is signed in. */
export function PasswordForm({ username }: { readonly username: string }): ReactNode {
  // A form that is done is a new one: the passwords are gone from it.
  const [changes, setChanges] = useState(0);
  const change = async (values: FormData) => {
    const [current, next, again] = ["current", "new", "again"].map((name) => String(values.get(name)));
    if (next !== again) throw new Failure("BAD_USER_INPUT", "The two new passwords differ.", { argument: "again" });
    await run(CHANGE_PASSWORD, { current: current!, new: next! }).catch((error: unknown) => {
      throw isWrong(error) ? new Failure("BAD_USER_INPUT", "This is not your password.", { argument: "current" }) : error;
    });
    setChanges((made) => made + 1);
    toast("The password is changed, and your other sessions are ended.");
  };
  return (
    <Form key={changes} action={change} submit="Change the password" busy="Changing…">
      {/* For whatever keeps passwords: whose it is. */}
      <input
        className="visually-hidden" autoComplete="username" value={username} readOnly tabIndex={-1} aria-hidden
      />
      <Field
        label="Current password" name="current" type="password" autoComplete="current-password"
        required maxLength={LENGTHS.maxLength}
      />
      <Field
        label="New password" name="new" type="password" autoComplete="new-password"
        hint={`At least ${LENGTHS.minLength} characters`} required {...LENGTHS}
      />
      <Field
        label="New password again" name="again" type="password" autoComplete="new-password" required {...LENGTHS}
      />
    </Form>
  );
}

/** Whether the current password is not the one: the session itself is seen to before. */
function isWrong(error: unknown): boolean {
  return error instanceof Failure && error.code === "UNAUTHENTICATED";
}
