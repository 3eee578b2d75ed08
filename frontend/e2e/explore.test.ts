/** What somebody on call does with the log: find the line, see the shape of the noise, follow it live. In a real browser
 * against a real server. */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";

import { launch, Offences } from "./browser.ts";
import { PASSWORD, Server } from "./server.ts";

let server: Server;
let browser: Browser;
let context: BrowserContext;
let offences: Offences;

beforeAll(async () => {
  [server, browser] = await Promise.all([Server.start(PASSWORD), launch()]);
});

beforeEach(async () => {
  context = await browser.newContext({ viewport: { width: 1400, height: 900 }, reducedMotion: "reduce" });
  offences = new Offences(context, new URL(server.url("/")).origin);
});

afterEach(async () => {
  await context.close();
  expect(offences.seen).toEqual([]);
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

/** A page of somebody who is signed in. */
async function open(path = "/"): Promise<Page> {
  const page = await context.newPage();
  await page.goto(server.url(path));
  await page.getByLabel("Username").fill("admin");
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  // It is there, too, when a dialog covers it.
  await page.getByRole("combobox", { name: "Search", includeHidden: true }).waitFor();
  return page;
}

async function search(page: Page, query: string): Promise<void> {
  await page.getByRole("combobox", { name: "Search" }).fill(query);
  await page.keyboard.press("Enter");
}

/** The row of a record, by a part of its message. */
function row(page: Page, message: string) {
  return page.getByRole("row").filter({ hasText: message }).first();
}

function pageState(page: Page) {
  return page.locator(".state").getByRole("status");
}

test("a log without records shows how to send one, and shows it when it comes", async () => {
  const page = await open();
  await page.getByRole("heading", { name: "Send the first line" }).waitFor();
  await server.send("the very first line");
  await page.getByText("The first line is here.").waitFor();
  await row(page, "the very first line").waitFor();
});

test("a search narrows the lines, marks what it found, and is the address", async () => {
  for (const line of ["payment 1 timed out", "payment 2 went through"]) await server.send(line);
  const page = await open();
  await search(page, "payment -through");
  await row(page, "payment 1").waitFor();
  await row(page, "payment 2").waitFor({ state: "detached" });
  expect(await row(page, "payment 1").locator("mark").allTextContents()).toEqual(["payment"]);
  expect(new URL(page.url()).searchParams.get("q")).toBe("payment -through");

  await page.reload();
  await row(page, "payment 1").waitFor();
  expect(await page.getByRole("combobox", { name: "Search" }).inputValue()).toBe("payment -through");
  await page.goBack();
  await row(page, "payment 2").waitFor();
});

test("a slip in a query is said at its column, and nothing else breaks", async () => {
  const page = await open();
  await search(page, "payment hots:web-1");
  await page.getByRole("search").getByRole("alert").getByText(/^Column 9: Unknown field `hots`/).waitFor();
  expect(await page.locator(".token-wrong").innerText()).toBe("hots");
  await search(page, "payment host:web-1");
  await row(page, "payment 1").waitFor();
});

test("a value is completed from those that there are", async () => {
  const page = await open();
  await page.getByRole("combobox", { name: "Search" }).fill("host:we");
  await page.getByRole("option", { name: /web-1/ }).click();
  expect(await page.getByRole("combobox", { name: "Search" }).inputValue()).toBe("host:web-1 ");
});

test("drawing over the histogram zooms, and going back goes back", async () => {
  const page = await open("/?t=15m");
  const chart = page.locator(".histogram-frame canvas");
  const box = await chart.boundingBox();
  if (box === null) throw new Error("there is no chart");
  const y = box.y + box.height / 2;
  await page.mouse.move(box.x + box.width * 0.8, y);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width - 22, y, { steps: 8 });
  await page.mouse.up();
  await page.waitForURL(/t=\d{4}-.*%2F/);
  await page.goBack();
  await page.waitForURL(/t=15m/);
});

test("a record shows all of itself, what is around it, and narrows the view", async () => {
  for (const n of [1, 2, 3]) await server.send(`step ${n} of the job`);
  const page = await open();
  await row(page, "step 2").click();
  const record = page.getByRole("region", { name: /^Record \d+$/ });
  await record.getByText("procid").waitFor({ state: "detached" });
  await record.getByRole("tab", { name: "Around this line" }).click();
  await record.getByText("step 1 of the job").waitFor();
  await record.getByText("step 3 of the job").waitFor();
  await record.getByRole("tab", { name: "Fields" }).click();
  await record.getByRole("button", { name: "Without app test" }).click({ force: true });
  await page.waitForURL(/q=-app/);
  await page.getByText("No records here").waitFor();
});

test("a search is saved, and taken up again", async () => {
  const page = await open("/?q=payment&level=info");
  await page.getByRole("button", { name: "Saved" }).click();
  await page.getByLabel("Name").fill("Payments");
  await page.getByRole("button", { name: "Save this search" }).click();
  await page.getByRole("button", { name: /^Payments/ }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Clear all" }).click();
  await page.getByRole("button", { name: "Saved" }).click();
  await page.getByRole("button", { name: /^Payments/ }).click();
  await page.waitForURL(/q=payment&level=info/);
});

test("the log is followed, paused without losing anything, and goes on through a restart", async () => {
  const page = await open("/?live=1&q=tick");
  await pageState(page).getByText("Live").waitFor();
  await server.send("tick 1");
  await row(page, "tick 1").waitFor();

  await page.keyboard.press(" ");
  await pageState(page).getByText("Paused").waitFor();
  for (const n of [2, 3, 4]) await server.send(`tick ${n}`);
  await page.getByRole("button", { name: "3 new" }).waitFor();
  expect(await row(page, "tick 2").count()).toBe(0);
  await page.keyboard.press(" ");
  await row(page, "tick 4").waitFor();

  await server.restart();
  await server.send("tick 5");
  await row(page, "tick 5").waitFor();
  await pageState(page).getByText("Live").waitFor();
  expect(await page.locator(".line-message").allTextContents()).toEqual([1, 2, 3, 4, 5].map((n) => `tick ${n}`));
  offences.forgive(/WebSocket|ERR_|failed|503/);
});

test("another query while the log is followed goes on with that", async () => {
  const page = await open("/?live=1&q=tick");
  await row(page, "tick 5").waitFor();
  await search(page, "tock");
  await row(page, "tick 5").waitFor({ state: "detached" });
  await server.send("tock 1");
  await row(page, "tock 1").waitFor();
});

test("everything can be done by keyboard", async () => {
  const page = await open();
  await page.keyboard.press("/");
  await page.keyboard.type("payment");
  await page.keyboard.press("Escape");
  await page.keyboard.press("/");
  await page.keyboard.type("payment");
  await page.keyboard.press("Enter");
  await row(page, "tock 1").waitFor({ state: "detached" });
  await row(page, "payment 2").waitFor();
  await page.getByRole("treegrid").focus();
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await page.getByRole("region", { name: /^Record \d+$/ }).waitFor();
  await page.keyboard.press("c");
  await page.getByRole("tab", { name: "Around this line", selected: true }).waitFor();
  await page.keyboard.press("f");
  await page.getByRole("dialog", { name: "Only lines with…" }).waitFor();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.waitForURL(/facility|host|app|level/);
  await page.keyboard.press("l");
  await pageState(page).waitFor();
  await page.keyboard.press("l");
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keys" }).getByText("Follow live").waitFor();
});

test("what is in a log is text, whatever it is", async () => {
  await server.send("<img src=x onerror=alert(1)> \u001b[31mred\u001b[0m user\u202egnp.exe");
  const page = await open("/?q=onerror");
  const message = row(page, "onerror").locator(".line-message");
  await message.waitFor();
  expect(await message.innerText()).toBe("<img src=x onerror=alert(1)> red userU+202Egnp.exe");
  expect(await message.locator(".ansi-1").innerText()).toBe("red");
  expect(await page.locator(".lines img").count()).toBe(0);
});

test("the exact operation of the view is there in GraphiQL", async () => {
  const page = await open("/?q=payment");
  await page.getByRole("button", { name: "More", exact: true }).click();
  const [opened] = await Promise.all([
    context.waitForEvent("page"),
    page.getByRole("menuitem", { name: "Open in GraphiQL" }).click(),
  ]);
  await opened.getByText("Root Types").waitFor();
  expect(new URL(opened.url()).hash).toBe("");
  await opened.getByRole("button", { name: /^Execute query/ }).click();
  await opened.getByRole("region", { name: "Result Window" }).getByText('"payment 2 went through"').waitFor();
});

test("what matches is taken along as a file", async () => {
  const page = await open("/?q=payment");
  await page.getByRole("button", { name: "More", exact: true }).click();
  await page.getByRole("menuitem", { name: "Export these records…" }).click();
  const dialog = page.getByRole("dialog", { name: "Export" });
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    dialog.getByRole("button", { name: "Export", exact: true }).click(),
  ]);
  const lines = (await readFile(await download.path(), "utf8")).trimEnd().split("\n");
  expect(lines.map((line) => (JSON.parse(line) as { message: string }).message)).toEqual(["payment 1 timed out", "payment 2 went through"]);
  await dialog.getByText("The file is whole.").waitFor();
});

test("a link to a record shows it to whoever opens it", async () => {
  const page = await open("/?q=nothing-like-it&record=1");
  await page.getByRole("dialog", { name: "Record 1" }).getByText("the very first line").waitFor();
  await page.keyboard.press("Escape");
  await page.waitForURL((url) => !url.searchParams.has("record"));
});

test("whoever signs in again finds the tail where it was", async () => {
  const page = await open("/?live=1&q=beat");
  await pageState(page).getByText("Live").waitFor();
  await server.send("beat 1");
  await row(page, "beat 1").waitFor();
  await server.endEverySession("admin", PASSWORD);
  await page.getByText("Your session has ended. Sign in to go on.").waitFor();
  await server.send("beat 2");
  await page.getByLabel("Username").fill("admin");
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await row(page, "beat 2").waitFor();
  expect(await page.locator(".line-message").allTextContents()).toEqual(["beat 1", "beat 2"]);
  offences.forgive(/401|WebSocket/);
});

test("it can be used by everybody, in both themes, wide and narrow", async () => {
  const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
  const page = await open();
  const findings: string[] = [];
  const look = async (what: string) => {
    await page.evaluate(axe);
    const found = await page.evaluate(async () => {
      const { violations } = await (window as unknown as { axe: typeof import("axe-core") }).axe.run(document);
      return violations.map(({ id, impact, nodes }) => ({ id, impact, where: nodes.map(({ html }) => html.slice(0, 120)).join(" ") }));
    });
    const serious = found.filter(({ impact }) => impact === "serious" || impact === "critical");
    findings.push(...serious.map(({ id, where }) => `${what}: ${id}: ${where}`));
  };
  for (const colorScheme of ["light", "dark"] as const) {
    for (const viewport of [{ width: 1400, height: 900 }, { width: 360, height: 760 }]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize(viewport);
      const where = `${colorScheme}, ${viewport.width}`;
      await page.goto(server.url("/"));
      await row(page, "payment 1").click();
      await page.getByRole("tab", { name: "Fields" }).waitFor();
      await look(`a record (${where})`);
      await page.goto(server.url("/?live=1"));
      await pageState(page).getByText("Live").waitFor();
      await look(`live (${where})`);
    }
  }
  expect(findings).toEqual([]);
});
