import type { ReactNode } from "react";

import { useAnswer } from "../../graphql/hooks.ts";
import { Dialog } from "../../ui/Dialog.tsx";
import { Problems } from "../../ui/Problems.tsx";
import { Spinner } from "../../ui/Spinner.tsx";
import { RECORD } from "../documents.ts";
import type { View } from "../view/view.ts";
import { Record } from "./Record.tsx";

interface LinkedRecordProps {
  readonly view: View;
  readonly onChange: (next: View) => void;
}

/** The record that a link points at, above the view that it was found in. */
export function LinkedRecord({ view, onChange }: LinkedRecordProps): ReactNode {
  if (view.record === undefined) return null;
  return (
    <Dialog title={`Record ${view.record}`} open size="wide" onOpenChange={() => onChange({ ...view, record: undefined })}>
      <Linked id={view.record} view={view} onChange={onChange} />
    </Dialog>
  );
}

function Linked({ id, view, onChange }: LinkedRecordProps & { readonly id: string }): ReactNode {
  const { data, problems, asking, again } = useAnswer(RECORD, { id });
  return (
    <>
      <Problems problems={problems} again={again} />
      {asking && data === undefined && <Spinner />}
      {data?.log === null && <p>This record is there no more, or you do not see it.</p>}
      {data?.log && <Record line={data.log} view={view} onChange={onChange} find={undefined} tab="fields" />}
    </>
  );
}
