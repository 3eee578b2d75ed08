import { Fragment, type ReactNode } from "react";

import { explainReason, ledgerOf, type Counts, type Line } from "./ledger.ts";
import { count } from "../format/numbers.ts";
import { Icon } from "../ui/Icon.tsx";
import { Notice } from "../ui/Notice.tsx";
import { Section } from "../ui/Page.tsx";
import "./Books.css";

interface BooksProps {
  readonly counts: Counts;
  /** Whether a node fell silent, and nobody knows what it received last. */
  readonly unknown: boolean;
}

/** What came, what became of it, and that both are the same. */
export function Books({ counts, unknown }: BooksProps): ReactNode {
  const { came, became, cameTotal, becameTotal } = ledgerOf(counts);
  const balances = cameTotal === becameTotal;
  return (
    <Section
      title="The books"
      description="Counted since each node started. Nothing that was received may be missing on the right."
    >
      {unknown && (
        <Notice kind="warning">
          A node fell silent without a word. What it received after its last announcement is in none of these numbers.
        </Notice>
      )}
      <div className="books">
        <Side title="What came" lines={came} total={cameTotal} />
        <Side title="What became of it" lines={became} total={becameTotal} />
      </div>
      <p className={balances ? "books-verdict" : "books-verdict books-off"} role="status">
        <Icon name={balances ? "check" : "warning"} />
        {balances ? "The books balance." : `${count(Math.abs(cameTotal - becameTotal))} records are not accounted for.`}
      </p>
    </Section>
  );
}

interface SideProps {
  readonly title: string;
  readonly lines: readonly Line[];
  readonly total: number;
}

function Side({ title, lines, total }: SideProps): ReactNode {
  return (
    <table className="books-side">
      <caption>{title}</caption>
      <tbody>
        {lines.map(({ name, count: records, parts }) => (
          <Fragment key={name}>
            <tr>
              <th scope="row">{name}</th>
              <td>{count(records)}</td>
            </tr>
            {parts.map(({ reason, count: part }) => (
              <tr key={reason} className="books-part">
                <th scope="row"><code>{reason}</code> {explainReason(reason)}</th>
                <td>{count(part)}</td>
              </tr>
            ))}
          </Fragment>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row">Together</th>
          <td>{count(total)}</td>
        </tr>
      </tfoot>
    </table>
  );
}
