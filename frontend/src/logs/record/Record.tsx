import { useState, type ReactNode } from "react";

import { Tabs } from "../../ui/Tabs.tsx";
import type { Line } from "../documents.ts";
import type { Finder } from "../list/highlight.ts";
import type { View } from "../view/view.ts";
import { CopyAs } from "./CopyAs.tsx";
import { Context } from "./Context.tsx";
import { asJson, asLine, asLink } from "./copies.ts";
import { Fields } from "./Fields.tsx";
import { Message } from "./Message.tsx";
import "./Record.css";

/** What of a record is shown. */
export type RecordTab = "fields" | "context";

export interface RecordProps {
  readonly line: Line;
  readonly view: View;
  readonly onChange: (next: View) => void;
  readonly find: Finder | undefined;
  /** Opens with what is around it. */
  readonly tab: RecordTab;
}

const TABS: Readonly<Record<RecordTab, string>> = { fields: "Fields", context: "Around this line" };

/** All of a record. */
export function Record({ line, view, onChange, find, tab: first }: RecordProps): ReactNode {
  const [tab, setTab] = useState(first);
  const [shown, setShown] = useState(first);
  // Asked for from outside, it changes; chosen here, it stays.
  if (shown !== first) {
    setShown(first);
    setTab(first);
  }
  return (
    <section className="record" aria-label={`Record ${line.id}`}>
      <div className="record-actions">
        <CopyAs name="line" text={() => asLine(line)} />
        <CopyAs name="JSON" text={() => asJson(line)} />
        <CopyAs name="link" text={() => asLink(line, view)} />
      </div>
      <Tabs label="Parts of the record" value={tab} onChange={setTab} tabs={TABS}>
        {tab === "fields" ? (
          <>
            <Message text={line.message} find={find} />
            <Fields line={line} view={view} onChange={onChange} />
          </>
        ) : (
          <Context line={line} view={view} />
        )}
      </Tabs>
    </section>
  );
}
