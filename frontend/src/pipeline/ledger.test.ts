import { expect, test } from "vitest";

import { explainReason, ledgerOf } from "./ledger.ts";

test("what came is what became of it, with what the kernel dropped on both sides", () => {
  const ledger = ledgerOf({
    received: 100,
    stored: 90,
    rejected: [{ reason: "gelf_full", count: 2 }, { reason: "dead_letter", count: 1 }],
    dropped: [{ reason: "kernel_udp", count: 5 }, { reason: "queue_closed", count: 3 }],
    inFlight: 4,
  });
  expect(ledger.came.map(({ count }) => count)).toEqual([100, 5]);
  expect(ledger.became.map(({ name, count }) => [name, count])).toEqual([
    ["Stored", 90], ["Rejected", 3], ["Dropped", 8], ["In flight", 4],
  ]);
  expect([ledger.cameTotal, ledger.becameTotal]).toEqual([105, 105]);
});

test("books that do not balance do not hide it", () => {
  const ledger = ledgerOf({ received: 10, stored: 8, rejected: [], dropped: [], inFlight: 0 });
  expect([ledger.cameTotal, ledger.becameTotal]).toEqual([10, 8]);
});

test("a reason that is newer than this page stands for itself", () => {
  expect(explainReason("kernel_udp")).toContain("buffer");
  expect(explainReason("of_tomorrow")).toBeUndefined();
});
