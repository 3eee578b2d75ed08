import type { ReactNode } from "react";
import { Link } from "wouter";

import { Empty } from "../ui/Empty.tsx";
import { Page } from "../ui/Page.tsx";

/** In the place of pages that are not there, or not for this user. */
export function NotFound(): ReactNode {
  return (
    <Page title="There is nothing here">
      <Empty title="This page is not there, or it needs another role than yours.">
        <p><Link href="/">Go to the log</Link></p>
      </Empty>
    </Page>
  );
}
