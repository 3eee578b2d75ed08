/** What is measured of a page while it works. */
import type { Page } from "playwright-core";

/** The records that come over the socket of a page, by their positions: they begin at 1 and have no holes. */
export function writtenBy(page: Page): { readonly count: () => number; readonly holes: () => number } {
  let [last, count, holes] = [0, 0, 0];
  page.on("websocket", (socket) => {
    socket.on("framereceived", ({ payload }) => {
      const message = JSON.parse(String(payload)) as { payload?: { data?: { tail?: { logs: readonly { id: string }[] } } } };
      for (const { id } of message.payload?.data?.tail?.logs ?? []) {
        if (Number(id) !== last + 1) holes++;
        last = Number(id);
        count++;
      }
    });
  });
  return { count: () => count, holes: () => holes };
}

/** The heap of a page after a collection, in megabytes. */
export async function heapOf(page: Page): Promise<number> {
  const tools = await page.context().newCDPSession(page);
  await tools.send("HeapProfiler.collectGarbage");
  const { usedSize } = await tools.send("Runtime.getHeapUsage");
  await tools.detach();
  return usedSize / 1e6;
}

interface Watched {
  seconds: number;
  frames: number;
  /** The longest time between two frames, in milliseconds. */
  longest: number;
  longTasks: number;
  longTaskTotal: number;
  /** Frames in which no line was to be seen. */
  blank: number;
  /** Frames in which lines were to be seen that do not follow each other. */
  disordered: number;
}

declare global {
  interface Window {
    watched: Watched & { began: number };
  }
}

/** Looks at every frame from now on. */
export async function watchFrames(page: Page): Promise<void> {
  await page.evaluate(() => {
    const watched = { began: performance.now(), seconds: 0, frames: 0, longest: 0, longTasks: 0, longTaskTotal: 0, blank: 0, disordered: 0 };
    window.watched = watched;
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) {
        watched.longTasks++;
        watched.longTaskTotal += duration;
      }
    }).observe({ type: "longtask" });
    let before = watched.began;
    const look = (now: number) => {
      watched.frames++;
      watched.longest = Math.max(watched.longest, now - before);
      before = now;
      const list = document.querySelector("[role=treegrid]");
      if (list !== null) {
        const { top, bottom } = list.getBoundingClientRect();
        const seen = [...list.querySelectorAll(".line[aria-expanded]")].filter((row) => {
          const box = row.getBoundingClientRect();
          return box.bottom > top && box.top < bottom && getComputedStyle(row).visibility === "visible";
        });
        const positions = seen.map(({ id }) => Number(id.slice(id.lastIndexOf("-") + 1))).toSorted((one, other) => one - other);
        const places = seen.toSorted((one, other) => one.getBoundingClientRect().top - other.getBoundingClientRect().top);
        if (seen.length === 0) watched.blank++;
        if (positions.some((position, at) => at > 0 && position !== positions[at - 1]! + 1)) watched.disordered++;
        else if (places.some(({ id }, at) => Number(id.slice(id.lastIndexOf("-") + 1)) !== positions[at])) watched.disordered++;
      }
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
}

/** What was seen so far. */
export function readsFrames(page: Page): Promise<Watched> {
  return page.evaluate(() => ({ ...window.watched, seconds: (performance.now() - window.watched.began) / 1_000 }));
}
