import { Component, type ReactNode } from "react";

import { Button } from "../ui/Button.tsx";
import { Notice } from "../ui/Notice.tsx";
import { Page } from "../ui/Page.tsx";

interface PageFailedProps {
  readonly children: ReactNode;
}

/** Stands in for a page that broke, or could not be loaded; the rest of the dashboard stays. */
export class PageFailed extends Component<PageFailedProps, { readonly failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError(): { readonly failed: boolean } {
    return { failed: true };
  }

  override render(): ReactNode {
    if (!this.state.failed) return this.props.children;
    return (
      <Page title="This page does not work">
        <Notice kind="error">
          <p>It broke, or a part of it could not be loaded: the server may have been updated or be away.</p>
          <Button onClick={() => window.location.reload()}>Load it again</Button>
        </Notice>
      </Page>
    );
  }
}
