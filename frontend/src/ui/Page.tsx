import type { ReactNode } from "react";

import "./Page.css";

interface PageProps {
  readonly title: string;
  /** What stands beside the title: what can be done here. */
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

/** A page with a heading, as wide as is good to read. */
export function Page({ title, actions, children }: PageProps): ReactNode {
  return (
    <div className="page-body">
      <header className="page-header">
        <h1>{title}</h1>
        <div className="page-actions">{actions}</div>
      </header>
      {children}
    </div>
  );
}

interface SectionProps {
  readonly title: string;
  /** A sentence below the title. */
  readonly description?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

/** A part of a page, on a surface of its own. */
export function Section({ title, description, actions, children }: SectionProps): ReactNode {
  return (
    <section className="section">
      <header className="section-header">
        <h2>{title}</h2>
        <div className="page-actions">{actions}</div>
      </header>
      {description !== undefined && <p className="section-description">{description}</p>}
      {children}
    </section>
  );
}
