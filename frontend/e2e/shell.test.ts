/** What is around every page: keys, themes, names, contrast. In a real browser against a real server. */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";

import { launch, Offences } from "./browser.ts";
import { PASSWORD, Server } from "./server.ts";

const PAGES = ["/sources", "/pipeline", "/users", "/audit", "/account", "/sessions", "/tokens"];

let server: Server;
let browser: Browser;
let context: BrowserContext;
let offences: Offences;

beforeAll(async () => {
  [server, browser] = await Promise.all([Server.start(PASSWORD), launch()]);
  for (const line of ["a first line", "a second one"]) await server.send(line);
});

beforeEach(async () => {
  context = await browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: "reduce" });
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

async function openSignedIn(path: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(server.url(path));
  await page.getByLabel("Username").fill("admin");
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("button", { name: "Account of admin" }).waitFor();
  return page;
}

/** What axe finds on a page that keeps somebody out. */
async function seriousFindings(page: Page): Promise<string[]> {
  const findings = await page.evaluate(async () => {
    const { violations } = await (window as unknown as { axe: typeof import("axe-core") }).axe.run(document);
    return violations.map(({ id, impact, nodes }) => ({ id, impact, where: nodes.map(({ html }) => html.slice(0, 120)) }));
  });
  const serious = findings.filter(({ impact }) => impact === "serious" || impact === "critical");
  return serious.map(({ id, where }) => `${id}: ${where.join(" ")}`);
}

/** Every theme at every width. */
const LOOKS = (["light", "dark"] as const).flatMap((theme) => [1280, 360].map((width) => [theme, width] as const));

test.each(LOOKS)("every page can be used by everybody: %s, %i wide", async (colorScheme, width) => {
  // It is given to the browser as a script of its own: the pages allow no other.
  const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
  const page = await openSignedIn("/sources");
  await page.emulateMedia({ colorScheme });
  await page.setViewportSize({ width, height: 800 });
  const found: string[] = [];
  for (const path of PAGES) {
    await page.goto(server.url(path));
    await page.getByRole("heading", { level: 1 }).waitFor();
    await page.locator(".spinner").waitFor({ state: "detached" });
    await page.evaluate(axe);
    const wide = await page.locator("main").evaluate((main) => main.scrollWidth > main.clientWidth);
    if (wide) found.push(`${path}: wider than the window`);
    found.push(...(await seriousFindings(page)).map((finding) => `${path}: ${finding}`));
  }
  expect(found).toEqual([]);
});

test("keys lead to every page, and the help lists them", async () => {
  const page = await openSignedIn("/sources");
  await page.keyboard.press("?");
  const help = page.getByRole("dialog", { name: "Keys" });
  await help.getByText("Go to Pipeline").waitFor();
  await page.keyboard.press("g");
  await page.keyboard.press("p");
  await page.keyboard.press("Escape");
  await help.waitFor({ state: "detached" });
  expect(page.url()).toBe(server.url("/sources"));
  for (const [key, heading, title] of [
    ["p", "Pipeline", "Pipeline"], ["u", "Users", "Users"], ["d", "Audit log", "Audit"], ["a", "Account", "Account"],
    ["i", "Where you are signed in", "Sessions"], ["t", "API tokens", "API tokens"], ["s", "Sources", "Sources"],
  ] as const) {
    await page.keyboard.press("g");
    await page.keyboard.press(key);
    await page.getByRole("heading", { level: 1, name: heading }).waitFor();
    expect(await page.title()).toBe(`${title} · Tailwater`);
  }
  await page.goBack();
  await page.getByRole("heading", { level: 1, name: "API tokens" }).waitFor();
});

test("the keyboard is enough to make a user and to remove one", async () => {
  const page = await openSignedIn("/users");
  await page.getByRole("button", { name: "New user" }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor();
  await page.keyboard.press("Tab");
  await page.keyboard.type("kay");
  await page.keyboard.press("Tab");
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press("Enter");
  await page.getByText("kay can sign in now.").waitFor();
  await page.waitForFunction(() => document.activeElement?.textContent === "New user");

  await page.getByRole("button", { name: "Actions for kay" }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("menu").waitFor();
  await page.keyboard.press("End");
  await page.keyboard.press("Enter");
  await page.getByRole("dialog", { name: "Remove kay?" }).waitFor();
  await page.keyboard.press("Escape");
  await page.waitForFunction(() => document.activeElement?.getAttribute("aria-label") === "Actions for kay");
});

test("a theme that is chosen stays, on every tab", async () => {
  const page = await openSignedIn("/account");
  const other = await context.newPage();
  await other.goto(server.url("/pipeline"));
  const ground = (tab: Page) => tab.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await ground(page);
  await page.getByText("Dark", { exact: true }).click();
  const dark = await ground(page);
  expect(dark).not.toBe(light);
  await other.waitForFunction((colour) => getComputedStyle(document.body).backgroundColor === colour, dark);
  await page.reload();
  await page.getByRole("heading", { name: "Account" }).waitFor();
  expect(await ground(page)).toBe(dark);
});

test("the books of the pipeline balance, and count what is sent", async () => {
  const page = await openSignedIn("/pipeline");
  await page.getByText("The books balance.").waitFor();
  const stored = page.getByRole("row", { name: /^Stored/ });
  await stored.getByText("2", { exact: true }).waitFor();
  await server.send("a third line");
  await stored.getByText("3", { exact: true }).waitFor();
  await page.getByText("The books balance.").waitFor();
});

test("a source leads to its records", async () => {
  const page = await openSignedIn("/sources");
  await page.getByRole("link", { name: "web-1" }).click();
  await page.waitForURL(/\/\?.*host=web-1/);
});

test("a page that is not there says so", async () => {
  const page = await context.newPage();
  const response = await page.goto(server.url("/nowhere"));
  expect(response?.status()).toBe(404);
  offences.forgive(/404 \(Not Found\)/);
});
