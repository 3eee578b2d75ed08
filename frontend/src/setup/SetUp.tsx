import { useState, type ReactNode } from "react";

import { setUp } from "../session/operations.ts";
import { Failure } from "../session/request.ts";
import { Card } from "../ui/Card.tsx";
import { Field } from "../ui/Field.tsx";
import { Form } from "../ui/Form.tsx";
import { Notice } from "../ui/Notice.tsx";

/** The shortest and the longest password, in characters. */
const SHORTEST = 8;
const LONGEST = 256;

interface SetUpProps {
  /** The token of the link; none when somebody came here without one. */
  readonly token: string | undefined;
}

/** The form for the first user, and then where to go. */
export function SetUp({ token }: SetUpProps): ReactNode {
  const [made, setMade] = useState<string>();
  if (made !== undefined) return <Done username={made} />;
  if (token === undefined) return <NoToken />;

  const make = async (values: FormData) => {
    const password = String(values.get("password"));
    if (password !== values.get("again")) throw new Failure("BAD_USER_INPUT", "The two passwords differ.");
    const { user } = await setUp(token, String(values.get("username")), password);
    setMade(user.username);
  };

  return (
    <Card title="Set up Tailwater">
      <p>Choose how you sign in. You will be an administrator and can add others later.</p>
      <Form action={make} submit="Create the first user" busy="Creating…">
        <Field
          label="Username" name="username" defaultValue="admin" autoComplete="username"
          hint="Letters, digits and . _ - @ +" pattern="[A-Za-z0-9._@+\-]+" title="Letters, digits and . _ - @ +"
          autoCapitalize="none" spellCheck={false} required maxLength={64}
        />
        <Field
          label="Password" name="password" type="password" autoComplete="new-password"
          hint={`At least ${SHORTEST} characters`} required minLength={SHORTEST} maxLength={LONGEST} autoFocus
        />
        <Field
          label="Password again" name="again" type="password" autoComplete="new-password"
          required minLength={SHORTEST} maxLength={LONGEST}
        />
      </Form>
    </Card>
  );
}

function Done({ username }: { readonly username: string }): ReactNode {
  return (
    <Card title="Tailwater is set up">
      <p role="status">You are signed in as <strong>{username}</strong>, an administrator.</p>
      <p>Go on to <a href="/">the dashboard</a>: it shows how to send a first line.</p>
    </Card>
  );
}

function NoToken(): ReactNode {
  return (
    <Card title="Set up Tailwater">
      <Notice kind="info">
        This page needs the link that the server printed when it started: it begins with <code>set-up</code> and ends
        with a token. It is good once.
      </Notice>
      <p>If there is a user already, <a href="/">sign in</a>.</p>
    </Card>
  );
}
