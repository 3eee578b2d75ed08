import { useState, type ReactNode } from "react";

import { EXPIRIES, expiresAt, type Expiry } from "./expiry.ts";
import { CREATE_TOKEN } from "./operations.ts";
import { TokenShown } from "./TokenShown.tsx";
import type { TokenScope } from "../graphql/generated/graphql.ts";
import { run } from "../graphql/hooks.ts";
import type { Role } from "../session/operations.ts";
import { Button } from "../ui/Button.tsx";
import { Dialog } from "../ui/Dialog.tsx";
import { Field, Select } from "../ui/Field.tsx";
import { Form } from "../ui/Form.tsx";

interface NewTokenDialogProps {
  /** What its owner may, and so the token at most. */
  readonly role: Role;
  /** Called as soon as there is a token. */
  readonly onMade: () => void;
  readonly onClose: () => void;
}

/** Makes a token, and then shows it this once. */
export function NewTokenDialog({ role, onMade, onClose }: NewTokenDialogProps): ReactNode {
  const [token, setToken] = useState<string>();
  const make = async (values: FormData) => {
    const { createToken } = await run(CREATE_TOKEN, {
      name: String(values.get("name")).trim(),
      scope: String(values.get("scope")) as TokenScope,
      expiresAt: expiresAt(String(values.get("expiresAt")) as Expiry, Date.now()),
    });
    setToken(createToken?.token);
    onMade();
  };
  if (token !== undefined) {
    return (
      <Dialog
        title="Your new token" open onOpenChange={onClose} size="wide"
        description="It is shown this once and kept nowhere. Whoever has it may what it may."
      >
        <TokenShown token={token} origin={window.location.origin} />
        <Button look="primary" onClick={onClose}>I have it</Button>
      </Dialog>
    );
  }
  return (
    <Dialog
      title="New token" open onOpenChange={onClose}
      description="For a program that reads the log. Sending lines takes no token."
    >
      <Form
        action={make} submit="Create" busy="Creating…" conflictAt="name"
        beside={<Button onClick={onClose}>Cancel</Button>}
      >
        <Field
          label="Name" name="name" hint="What it is for: you will know it by this"
          required maxLength={100} autoComplete="off" autoFocus
        />
        <Select label="May" name="scope" defaultValue="READ">
          <option value="READ">Read: search and follow the log</option>
          <option value="ADMIN">All that you may, as {role.toLowerCase()}</option>
        </Select>
        <Select label="Good for" name="expiresAt" defaultValue="90">
          {Object.entries(EXPIRIES).map(([value, words]) => <option key={value} value={value}>{words}</option>)}
        </Select>
      </Form>
    </Dialog>
  );
}
