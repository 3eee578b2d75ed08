import { useState, type ReactNode } from "react";

import type { ExportedFragment, ExportFormat } from "../../graphql/generated/graphql.ts";
import { counted } from "../../format/numbers.ts";
import { run } from "../../graphql/hooks.ts";
import { Dialog } from "../../ui/Dialog.tsx";
import { Checkbox } from "../../ui/Field.tsx";
import { Form } from "../../ui/Form.tsx";
import { CREATE_EXPORT } from "../documents.ts";
import { resolve } from "../time/range.ts";
import { inWords } from "../time/words.ts";
import { filterOf } from "../view/filter.ts";
import { isNarrow } from "../view/change.ts";
import type { View } from "../view/view.ts";
import { download } from "./download.ts";
import { Progress } from "./Progress.tsx";
import "./ExportDialog.css";

const FORMATS: Readonly<Record<ExportFormat, string>> = {
  NDJSON: "NDJSON: an object a line",
  CSV: "CSV: for spreadsheets",
  PARQUET: "Parquet: for DuckDB, Polars, Spark",
};

interface ExportDialogProps {
  readonly view: View;
  /** About how many records there are. */
  readonly total: number | undefined;
  readonly onClose: () => void;
}

/** Takes the records of a view along as a file. */
export function ExportDialog({ view, total, onClose }: ExportDialogProps): ReactNode {
  const [begun, setBegun] = useState<ExportedFragment>();
  const create = async (values: FormData) => {
    const { createExport } = await run(CREATE_EXPORT, {
      filter: filterOf(view, resolve(view.time, Date.now())),
      format: String(values.get("format")) as ExportFormat,
      skipDamaged: values.get("skipDamaged") === "on",
    });
    if (createExport?.url) download(createExport.url);
    if (createExport) setBegun(createExport);
  };
  const what = `${isNarrow(view) ? "What matches" : "Everything"} of: ${inWords(view.time, view.clock).toLowerCase()}`;
  return (
    <Dialog
      title="Export" open onOpenChange={onClose}
      description={`${what}${total === undefined ? "" : `, ${counted(total, "record")}`}. Oldest first, in the order of storing.`}
    >
      {begun === undefined ? (
        <Form action={create} submit="Export" busy="Preparing…">
          <fieldset className="export-formats">
            <legend>Format</legend>
            {Object.entries(FORMATS).map(([format, text], at) => (
              <label key={format}>
                <input type="radio" name="format" value={format} defaultChecked={at === 0} />
                {text}
              </label>
            ))}
          </fieldset>
          <Checkbox label="Leave out what is damaged, instead of ending there" name="skipDamaged" />
        </Form>
      ) : (
        <Progress begun={begun} onClose={onClose} />
      )}
    </Dialog>
  );
}
