import { expect, test } from "vitest";

import { randomFrom } from "../view/random.ts";
import {
  emptyBuffer, isAfter, oldestId, paused, resumed, withBatches, withOlder, type Batch, type LiveBuffer, type LiveRow,
} from "./buffer.ts";

interface Log {
  readonly id: string;
}

const logs = (from: number, to: number): Log[] => Array.from({ length: to - from }, (_, n) => ({ id: String(from + n) }));

function batch(from: number, to: number, lostBefore: number | null = null): Batch<Log> {
  return { logs: logs(from, to), cursor: `c${to - 1}`, caughtUp: true, lostBefore };
}

function ids(rows: readonly LiveRow<Log>[]): readonly number[] {
  return rows.flatMap((row) => (row.kind === "log" ? [Number(row.log.id)] : []));
}

test("what comes is shown, the newest last, and the cursor is that of the last batch", () => {
  const buffer = withBatches(emptyBuffer<Log>(10), [batch(1, 3), batch(3, 4)]);
  expect(ids(buffer.rows)).toEqual([1, 2, 3]);
  expect(buffer).toMatchObject({ cursor: "c3", caughtUp: true, received: 3 });
});

test("a batch without records moves the cursor alone", () => {
  const buffer = withBatches(emptyBuffer<Log>(10), [batch(1, 3), { logs: [], cursor: "c9", caughtUp: true }]);
  expect(ids(buffer.rows)).toEqual([1, 2]);
  expect(buffer.cursor).toBe("c9");
});

test("what comes again after a cut is not shown twice", () => {
  const buffer = withBatches(withBatches(emptyBuffer<Log>(10), [batch(1, 4)]), [batch(2, 6)]);
  expect(ids(buffer.rows)).toEqual([1, 2, 3, 4, 5]);
});

test("rows are bounded, and what left is in the store", () => {
  const buffer = withBatches({ ...emptyBuffer<Log>(3), older: false }, [batch(1, 6)]);
  expect(ids(buffer.rows)).toEqual([3, 4, 5]);
  expect(buffer.older).toBe(true);
});

test("a pause shows nothing new, counts it, and its end shows all of it", () => {
  const reading = withBatches(paused(withBatches(emptyBuffer<Log>(10), [batch(1, 3)])), [batch(3, 6)]);
  expect(ids(reading.rows)).toEqual([1, 2]);
  expect(reading.news).toBe(3);
  const following = resumed(reading);
  expect(ids(following.rows)).toEqual([1, 2, 3, 4, 5]);
  expect(following).toMatchObject({ news: 0, paused: false });
});

test("a long pause loses nothing: what there was no room for is counted, and comes from the store", () => {
  const reading = withBatches(paused(withBatches(emptyBuffer<Log>(3), [batch(1, 3)])), [batch(3, 9)]);
  expect(reading).toMatchObject({ news: 6, skipped: 3 });
  const following = resumed({ ...reading, older: false });
  expect(ids(following.rows)).toEqual([6, 7, 8]);
  expect(following.older).toBe(true);
});

test("what retention took is a row of its own, where it would have been", () => {
  const buffer = withBatches(emptyBuffer<Log>(10), [batch(1, 2), batch(8, 9, 6)]);
  expect(buffer.rows.map((row) => (row.kind === "log" ? row.log.id : `lost ${row.count}`))).toEqual(["1", "lost 6", "8"]);
});

test("older records from the store stand before the others, each once", () => {
  const buffer = withOlder(withBatches(emptyBuffer<Log>(10), [batch(5, 8)]), logs(2, 6), true);
  expect(ids(buffer.rows)).toEqual([2, 3, 4, 5, 6, 7]);
  expect(oldestId(buffer)).toBe("2");
  expect(withOlder(buffer, [], false).older).toBe(false);
});

test("positions are compared as numbers, however long they are", () => {
  expect(isAfter("10", "9")).toBe(true);
  expect(isAfter("9223372036854775807", "9223372036854775806")).toBe(true);
  expect(isAfter("9", "9")).toBe(false);
});

/** A log that is followed through cuts, by somebody who pauses, goes on and scrolls back as they like. */
function followed(seed: number, check: (buffer: LiveBuffer<Log>, sent: number) => void): void {
  const random = randomFrom(seed);
  const upTo = (most: number) => Math.floor(random() * (most + 1));
  const limit = 1 + upTo(20);
  let buffer = emptyBuffer<Log>(limit);
  let sent = 0;
  for (let step = 0; step < 60; step++) {
    const kind = random();
    if (kind < 0.55) {
      const batches = Array.from({ length: upTo(3) }, () => {
        // After a cut, some of what came comes again.
        const from = Math.max(0, sent - (random() < 0.2 ? upTo(5) : 0)) + 1;
        const to = Math.max(sent + 1, from) + upTo(12);
        sent = Math.max(sent, to - 1);
        return batch(from, to);
      });
      buffer = withBatches(buffer, batches);
    } else if (kind < 0.7) {
      buffer = paused(buffer);
    } else if (kind < 0.85) {
      buffer = resumed(buffer);
    } else if (buffer.older && buffer.rows.length > 0) {
      const first = Number(oldestId(buffer));
      const from = Math.max(1, first - upTo(10));
      buffer = withOlder(buffer, logs(from, first), from > 1);
    }
    check(buffer, sent);
  }
}

const consecutive = (numbers: readonly number[]) => numbers.every((n, at) => at === 0 || n === (numbers[at - 1] ?? 0) + 1);

/** What is wrong with a buffer after so many records were sent. */
function wrong(buffer: LiveBuffer<Log>, sent: number): string | undefined {
  const shown = ids(buffer.rows);
  const waiting = ids(buffer.waiting);
  const end = waiting.at(-1) ?? shown.at(-1);
  if (!consecutive(shown) || !consecutive(waiting)) return "there is a hole, or an order that is none";
  if (buffer.received !== sent) return "it counts others than came";
  // What is shown, what there was no room for and what waits follow each other without a hole.
  if (end !== undefined && end + (waiting.length > 0 ? 0 : buffer.skipped) !== sent) return "the newest is not there";
  const begins = waiting[0] === undefined || shown.length === 0 || waiting[0] === (shown.at(-1) ?? 0) + buffer.skipped + 1;
  if (!begins) return "what waits does not follow what is shown";
  if (buffer.news !== (buffer.paused ? buffer.skipped + waiting.length : 0)) return "it counts other news than there are";
  if ((shown[0] ?? 1) > 1 && !buffer.older) return "what left at the old end cannot be asked for";
  return waiting.length > buffer.limit ? "more waits than there is room for" : undefined;
}

test("nothing is missing, twice or out of order, whatever happens in whichever order", () => {
  for (let seed = 1; seed <= 500; seed++) {
    followed(seed, (buffer, sent) => {
      const problem = wrong(buffer, sent);
      if (problem !== undefined) expect.fail(`seed ${seed}, after ${sent} records: ${problem}`);
    });
  }
});

test("rows stay bounded unless somebody reads further back", () => {
  let buffer = emptyBuffer<Log>(50);
  for (let n = 0; n < 100; n++) buffer = withBatches(buffer, [batch(n * 10 + 1, n * 10 + 11)]);
  expect(buffer.rows).toHaveLength(50);
});
