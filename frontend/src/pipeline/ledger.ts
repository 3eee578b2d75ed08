/** The books of the pipeline: what came on one side, what became of it on the other. */

/** A count by reason, as the server tells of it. */
export interface ReasonCount {
  readonly reason: string;
  readonly count: number;
}

/** What the server counts, of one node or of all. */
export interface Counts {
  readonly received: number;
  readonly stored: number;
  readonly rejected: readonly ReasonCount[];
  readonly dropped: readonly ReasonCount[];
  readonly inFlight: number;
}

/** A line of the books, with the lines that it is the sum of. */
export interface Line {
  readonly name: string;
  readonly count: number;
  readonly parts: readonly ReasonCount[];
}

export interface Ledger {
  readonly came: readonly Line[];
  readonly became: readonly Line[];
  readonly cameTotal: number;
  readonly becameTotal: number;
}

/** How the reasons begin under which drops stand that no process of ours received. */
const KERNEL = "kernel";

export function ledgerOf({ received, stored, rejected, dropped, inFlight }: Counts): Ledger {
  const kernel = sum(dropped.filter(({ reason }) => reason.startsWith(KERNEL)));
  const came = [line("Read off sockets", received), line("Dropped by the kernel before that", kernel)];
  const became = [
    line("Stored", stored),
    line("Rejected", sum(rejected), rejected),
    line("Dropped", sum(dropped), dropped),
    line("In flight", inFlight),
  ];
  return { came, became, cameTotal: sum(came), becameTotal: sum(became) };
}

/** The sum of counts by reason. */
export function sum(counts: readonly { readonly count: number }[]): number {
  return counts.reduce((total, { count }) => total + count, 0);
}

function line(name: string, count: number, parts: readonly ReasonCount[] = []): Line {
  return { name, count, parts };
}

const REASONS: Readonly<Record<string, string>> = {
  kernel_udp: "The buffer of a UDP socket was full: see --udp-receive-buffer",
  queue_closed: "Read while the process was stopping, when the queue took nothing any more",
  gelf_incomplete: "A chunk of the GELF message did not come in time",
  gelf_conflict: "A GELF chunk contradicts those that came before it",
  gelf_full: "Too many GELF messages were incomplete at once: see --gelf-max-pending",
  dead_letter: "The database refused the record; it is kept in the table dead_letter",
};

/** A reason in words; none for one that is newer than this page. */
export function explainReason(reason: string): string | undefined {
  return REASONS[reason];
}
