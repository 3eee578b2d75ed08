import type { ReactNode } from "react";
import { Link } from "wouter";

import { ME } from "./operations.ts";
import { PasswordForm } from "./PasswordForm.tsx";
import { ProfileForm } from "./ProfileForm.tsx";
import { minute } from "../format/times.ts";
import type { MeQuery } from "../graphql/generated/graphql.ts";
import { useAnswer } from "../graphql/hooks.ts";
import { Page, Section } from "../ui/Page.tsx";
import { Problems } from "../ui/Problems.tsx";
import { Segments } from "../ui/Segments.tsx";
import { Spinner } from "../ui/Spinner.tsx";
import { THEMES, useTheme } from "../ui/theme.ts";
import "./account.css";

/** Who is signed in, and what they may change of it. */
export function Account(): ReactNode {
  const { data, problems, asking, again } = useAnswer(ME, {});
  const [theme, choose] = useTheme();
  const me = data?.me;
  return (
    <Page title="Account">
      <Problems problems={problems} again={again} />
      {!me && asking && <Spinner />}
      <div className="account">
        {me && (
          <>
            <Section title="Profile">
              <Facts me={me} />
              <ProfileForm me={me} onChanged={again} />
            </Section>
            <Section title="Password" description="A new one ends your sessions elsewhere.">
              <PasswordForm username={me.username} />
              <p className="account-link"><Link href="/sessions">See where you are signed in</Link></p>
            </Section>
          </>
        )}
        <Section title="Theme" description="In this browser.">
          <Segments label="Theme" value={theme} options={THEMES} onChange={choose} />
        </Section>
      </div>
    </Page>
  );
}

function Facts({ me }: { readonly me: NonNullable<MeQuery["me"]> }): ReactNode {
  return (
    <dl className="account-facts">
      <dt>Username</dt><dd>{me.username}</dd>
      <dt>Role</dt><dd>{me.role.toLowerCase()}</dd>
      <dt>Sees</dt><dd>{me.scope === null ? "all of the log" : <code>{JSON.stringify(me.scope)}</code>}</dd>
      <dt>Since</dt><dd>{minute(me.createdAt, "local")}</dd>
    </dl>
  );
}
