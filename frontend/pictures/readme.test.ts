/** Takes the pictures of docs/: what the README shows of the dashboard. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";

import type { Person } from "../e2e/person.ts";
import { setScene } from "../e2e/scene.ts";
import { story } from "./story.ts";

const DOCS = join(import.meta.dirname, "../../docs");
/** What a picture may take, in bytes. */
const MOST = 300 * 1_024;

const scene = setScene({ lines: story(6_000) });
const WINDOW = { viewport: { width: 1360, height: 850 }, timezoneId: "UTC" };

async function take({ page }: Person, name: string): Promise<void> {
  await page.mouse.move(0, 0);
  const picture = await page.screenshot();
  expect(picture.length, name).toBeLessThanOrEqual(MOST);
  await mkdir(DOCS, { recursive: true });
  await writeFile(join(DOCS, `${name}.png`), picture);
}

test("the log, with what went wrong in it", async () => {
  const ada = await scene.person("/", { ...WINDOW, colorScheme: "light" });
  await ada.line("GET").first().waitFor();
  await ada.page.locator(".histogram canvas").waitFor();
  await take(ada, "explore-light");

  await ada.page.emulateMedia({ colorScheme: "dark" });
  await ada.zooms(0.6, 0.78);
  await ada.searches("severity>=error timed");
  await ada.line("not saved").first().click();
  await ada.record.getByText("Timeout").waitFor();
  await take(ada, "explore-dark");
});

test("the log as it grows", async () => {
  const ada = await scene.person("/?t=15m&q=-healthz", { ...WINDOW, colorScheme: "dark" });
  await ada.goesLive();
  const stop = scene.server.sending("--rate", "40", "--seed", "5");
  await expect.poll(async () => (await ada.page.locator(".state-more").innerText()).replaceAll(/\D/g, "")).toMatch(/^[6-9]\d\d$/);
  await take(ada, "live");
  await stop();
});

test("where the records are", async () => {
  const ada = await scene.person("/pipeline", { ...WINDOW, colorScheme: "light" });
  const stop = scene.server.sending("--rate", "120", "--seed", "5");
  await expect.poll(() => ada.page.getByText(/^1[12]\d(\.\d)?\/s$/).count()).toBe(2);
  await take(ada, "pipeline");
  await stop();
});
