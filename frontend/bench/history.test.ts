/** How long it takes until the first lines of a large log are to be seen. */
import type { Page } from "playwright-core";
import { test } from "vitest";

import { setScene } from "../e2e/scene.ts";

const LINES = Number(process.env["LINES"] ?? 5_000_000);
const RUNS = 5;

const VIEWS: Readonly<Record<string, string>> = {
  "everything of the last hour": "/",
  "everything there is": "/?t=all",
  "errors and worse": "/?t=all&level=emergency,alert,critical,error",
  "a word": "/?t=all&q=refused",
  "what is nowhere": "/?t=all&q=nowhere-to-be-found",
};

const scene = setScene();

/** From the request of a page to the first line on it, or to the word that there is none; in milliseconds. */
async function firstPaint(page: Page, url: string): Promise<number> {
  await page.goto(url, { waitUntil: "commit" });
  return page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const look = () => {
          const shown = document.querySelector("[role=treegrid] .line[aria-expanded], .lines-pane[aria-busy=false] .empty");
          if (shown === null) requestAnimationFrame(look);
          else requestAnimationFrame(() => resolve(performance.now()));
        };
        look();
      }),
  );
}

test(`the first lines of ${LINES.toLocaleString("en")}`, async () => {
  await scene.server.sends("--count", String(LINES), "--seed", "1");
  await scene.server.holds(LINES);
  const ada = await scene.person("/");
  const rows: string[] = [];
  for (const [name, path] of Object.entries(VIEWS)) {
    const took: number[] = [];
    for (let run = 0; run < RUNS; run++) took.push(await firstPaint(ada.page, scene.server.url(path)));
    const [first = 0] = took;
    const median = took.toSorted((one, other) => one - other)[RUNS >> 1] ?? 0;
    rows.push(`${name}: ${Math.round(median)} ms (the first time ${Math.round(first)} ms)`);
  }
  console.log(rows.join("\n"));
}, 1_800_000);
