/** Follows 5,000 lines a second in a real browser: none may be lost, none out of order, and the page has to go on painting.
 * Says what that costs. */
import { expect, test } from "vitest";

import { setScene } from "../e2e/scene.ts";
import { heapOf, readsFrames, watchFrames, writtenBy } from "./measure.ts";

const RATE = Number(process.env["RATE"] ?? 5_000);
const SECONDS = Number(process.env["SECONDS"] ?? 60);

const scene = setScene();

test(`${RATE} lines a second for ${SECONDS} seconds`, async () => {
  const ada = await scene.somebody({ viewport: { width: 1440, height: 900 } });
  const wire = writtenBy(ada.page);
  await ada.opens("/?live=1");
  await ada.signsIn();
  await ada.isTold("Live");
  const heapBefore = await heapOf(ada.page);
  await watchFrames(ada.page);

  const sent = await scene.server.sends("--rate", String(RATE), "--duration", `${SECONDS}s`, "--sequence", "--seed", "1");
  await ada.page.locator(".state-more").getByText(`${sent.toLocaleString("en")} records`, { exact: true }).waitFor();
  await ada.isTold("Live");
  const { seconds, frames, longest, longTasks, longTaskTotal, blank, disordered } = await readsFrames(ada.page);
  const heapAfter = await heapOf(ada.page);

  console.log([
    `lines: ${sent.toLocaleString("en")} sent, ${wire.count().toLocaleString("en")} came, ${wire.holes()} lost or out of order on the wire, ${disordered} on the screen`,
    `frames: ${frames} in ${seconds.toFixed(1)} s (${(frames / seconds).toFixed(1)}/s), the longest ${Math.round(longest)} ms, ${blank} without a line`,
    `long tasks: ${longTasks}, ${Math.round(longTaskTotal)} ms together`,
    `heap: ${heapBefore.toFixed(1)} MB at the start, ${heapAfter.toFixed(1)} MB at the end`,
  ].join("\n"));
  expect({ came: wire.count(), holes: wire.holes(), disordered }).toEqual({ came: sent, holes: 0, disordered: 0 });

  // What is kept in the page has no hole either.
  await ada.presses("Space");
  await ada.isTold("Paused");
  const kept = await ada.walksUp(1_000);
  expect(kept).toEqual(Array.from({ length: kept.length }, (_, n) => sent - n));
}, (SECONDS + 120) * 1_000);
