import { useState, type ReactNode } from "react";

import type { ExportedFragment, ExportState } from "../../graphql/generated/graphql.ts";
import { bytes, counted, percent } from "../../format/numbers.ts";
import { run, useAnswer } from "../../graphql/hooks.ts";
import { explain } from "../../session/explain.ts";
import { Button } from "../../ui/Button.tsx";
import { Problems } from "../../ui/Problems.tsx";
import { toast } from "../../ui/toasts.ts";
import { CANCEL_EXPORT, EXPORT } from "../documents.ts";

/** How often the server is asked how far it is, in milliseconds. */
const EVERY = 700;

const WORDS: Readonly<Record<ExportState, string>> = {
  WAITING: "Waiting for the browser to take it…",
  RUNNING: "On its way…",
  DONE: "The file is whole.",
  FAILED: "It broke off: the file is not whole.",
  CANCELLED: "Called off: the file is not whole.",
  EXPIRED: "The browser did not take it in time.",
};

interface ProgressProps {
  readonly begun: ExportedFragment;
  readonly onClose: () => void;
}

/** How far an export is, and a way to call it off. */
export function Progress({ begun, onClose }: ProgressProps): ReactNode {
  const [ended, setEnded] = useState<ExportedFragment>();
  const isOver = ended !== undefined;
  const { data, problems } = useAnswer(EXPORT, { id: begun.id }, isOver ? {} : { every: EVERY });
  const now = ended ?? data?.export ?? begun;
  const runs = now.state === "WAITING" || now.state === "RUNNING";
  if (!runs && !isOver) setEnded(now);
  const cancel = async () => {
    try {
      const { cancelExport } = await run(CANCEL_EXPORT, { id: begun.id });
      if (cancelExport) setEnded(cancelExport);
    } catch (failure) {
      toast(explain(failure), "error");
    }
  };
  const share = now.state === "DONE" ? 1 : now.progress;
  return (
    <div className="export-progress">
      <p role="status">{WORDS[now.state]}</p>
      <progress value={share} max={1} aria-label="How much of the log has been looked through">{percent(share)}</progress>
      <p className="soft">
        {counted(now.records, "record")}, {bytes(now.bytes)}
        {now.skipped > 0 && `, ${counted(now.skipped, "damaged record")} left out`}
      </p>
      {now.problem && <p className="export-problem">{now.problem}</p>}
      <Problems problems={problems} />
      {runs ? (
        <Button onClick={() => void cancel()}>Cancel the export</Button>
      ) : (
        <Button look="primary" onClick={onClose}>Close</Button>
      )}
    </div>
  );
}
