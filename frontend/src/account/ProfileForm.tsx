import type { ReactNode } from "react";

import { CHANGE_PROFILE } from "./operations.ts";
import type { MeQuery } from "../graphql/generated/graphql.ts";
import { run } from "../graphql/hooks.ts";
import { session } from "../session/index.ts";
import { Field } from "../ui/Field.tsx";
import { Form } from "../ui/Form.tsx";
import { toast } from "../ui/toasts.ts";

interface ProfileFormProps {
  readonly me: NonNullable<MeQuery["me"]>;
  readonly onChanged: () => void;
}

/** Changes how one is called and written to. */
export function ProfileForm({ me, onChanged }: ProfileFormProps): ReactNode {
  const change = async (values: FormData) => {
    await run(CHANGE_PROFILE, {
      displayName: String(values.get("displayName")).trim(),
      email: String(values.get("email")).trim() || null,
    });
    toast("Your profile is changed.");
    onChanged();
    // The name stands in the bar, which has it from the session.
    await session.refresh();
  };
  return (
    <Form action={change} submit="Save" busy="Saving…">
      <Field label="Name" name="displayName" defaultValue={me.displayName} autoComplete="name" required maxLength={100} />
      <Field label="E-mail" name="email" type="email" defaultValue={me.email ?? ""} autoComplete="email" maxLength={254} />
    </Form>
  );
}
