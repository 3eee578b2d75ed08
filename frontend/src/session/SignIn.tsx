/** The form to sign in. */
import type { ReactNode } from "react";

import type { Session } from "./session.ts";
import { Card } from "../ui/Card.tsx";
import { Field } from "../ui/Field.tsx";
import { Form } from "../ui/Form.tsx";
import { Notice } from "../ui/Notice.tsx";

interface SignInProps {
  readonly session: Session;
  /** Whether somebody was signed in until just now. */
  readonly expired: boolean;
}

export function SignIn({ session, expired }: SignInProps): ReactNode {
  const signIn = (values: FormData) => session.signIn(String(values.get("username")), String(values.get("password")));
  return (
    <Card title="Sign in to Tailwater">
      {expired && <Notice kind="info">Your session has ended. Sign in to go on.</Notice>}
      <Form action={signIn} submit="Sign in" busy="Signing in…">
        <Field
          label="Username" name="username" autoComplete="username"
          autoCapitalize="none" spellCheck={false} required autoFocus maxLength={64}
        />
        <Field
          label="Password" name="password" type="password" autoComplete="current-password"
          required maxLength={256}
        />
      </Form>
    </Card>
  );
}
