import type { ReactNode } from "react";

import { duration } from "../format/durations.ts";
import { bytes, count, percent, short } from "../format/numbers.ts";
import type { PipelineQuery } from "../graphql/generated/graphql.ts";
import { Ago } from "../ui/Ago.tsx";
import { Figure, Figures } from "../ui/Figures.tsx";
import { Meter } from "../ui/Meter.tsx";
import { Section } from "../ui/Page.tsx";

export type Stored = NonNullable<NonNullable<PipelineQuery["pipeline"]>["storage"]>;

/** How much is kept, in which form, and until when. */
export function Storage({ storage, now }: { readonly storage: Stored; readonly now: number }): ReactNode {
  const { records, rows, blocks, blockRecords, unsealed } = storage;
  return (
    <Section title="Storage">
      <Figures>
        <Figure
          label="Records" value={count(records)}
          note={storage.oldest !== null && <>since <Ago at={storage.oldest} now={now} /></>}
        />
        <Figure label="Plain rows" value={count(rows)} note="the newest" />
        <Figure label="Blocks" value={count(blocks)} note={`${short(blockRecords)} records`} />
        <Figure label="Still to be packed" value={count(unsealed)} note="records" />
        <Figure
          label="At rest" value={bytes(storage.bytes)}
          note={records > 0 && `${bytes(storage.bytesPerRecord)} a record`}
        />
        <Figure label="Disk" value={bytes(storage.diskBytes)} note="the whole database" />
      </Figures>
      <div className="retention">
        <Age storage={storage} now={now} />
        <Size storage={storage} />
      </div>
    </Section>
  );
}

function Age({ storage: { oldest, retentionAge }, now }: { readonly storage: Stored; readonly now: number }): ReactNode {
  if (retentionAge === null) return <p className="soft">Records are kept for ever.</p>;
  const age = oldest === null ? 0 : Math.max(0, (now - Date.parse(oldest)) / 1_000);
  const text = `the oldest is ${duration(age)} old, of ${duration(retentionAge)}`;
  return <Meter label="Kept by age" share={age / retentionAge} text={text} />;
}

function Size({ storage: { bytes: used, retentionSize } }: { readonly storage: Stored }): ReactNode {
  if (retentionSize === null) return <p className="soft">There is no bound to their size.</p>;
  const share = used / retentionSize;
  const text = `${bytes(used)} of ${bytes(retentionSize)}, ${percent(share)}`;
  return <Meter label="Kept by size" share={share} text={text} />;
}
