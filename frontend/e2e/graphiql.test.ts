/** What somebody does with GraphiQL, in a real browser against a real server. */
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
  context = await browser.newContext({ viewport: { width: 1400, height: 900 } });
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

/** A new tab on GraphiQL. */
async function open(): Promise<Page> {
  const page = await context.newPage();
  await page.goto(server.url("/graphiql"));
  return page;
}

async function signIn(page: Page, password = PASSWORD): Promise<void> {
  await page.getByLabel("Username").fill("admin");
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** Waits until GraphiQL has read the schema: nothing that it asked for by itself is open any more. */
async function isReady(page: Page): Promise<void> {
  await page.getByText("Root Types").waitFor();
}

/** Opens an example in a tab of its own and runs its operation. */
async function runExample(page: Page, title: string, operation: string): Promise<void> {
  const examples = page.getByRole("region", { name: "Examples" });
  if (!(await examples.isVisible())) await page.getByRole("button", { name: "Show Examples" }).click();
  await examples.getByRole("button", { name: title }).click();
  // The tab has its name once the editor has read the operation.
  await page.getByRole("tab", { name: operation, selected: true }).waitFor();
  await page.getByRole("button", { name: /^Execute query/ }).click();
}

/** Waits until the answer shows a text. */
async function answered(page: Page, text: string): Promise<void> {
  await page.getByRole("region", { name: "Result Window" }).getByText(text).first().waitFor();
}

test("it asks for a sign-in first, and says what was wrong with one", async () => {
  const page = await open();
  await page.getByRole("heading", { name: "Sign in to Tailwater" }).waitFor();
  await signIn(page, "wrong horse battery");
  await page.getByRole("alert").getByText("Wrong username or password.").waitFor();
  expect(await page.getByLabel("Username").inputValue()).toBe("admin");
  await signIn(page);
  await page.getByRole("button", { name: "Sign out" }).waitFor();
});

test("whoever is signed in reads the schema and runs a query", async () => {
  const page = await open();
  await signIn(page);
  await isReady(page);
  await page.getByText("LogFilter", { exact: true }).first().waitFor();
  await runExample(page, "Who am I", "Me");
  await answered(page, '"ADMIN"');
});

test("a tail shows a line the moment it arrives", async () => {
  const page = await open();
  await signIn(page);
  await runExample(page, "Follow", "Follow");
  await answered(page, '"tail"');
  await server.send("a line for the live tail");
  await answered(page, '"a line for the live tail"');
});

test("a tail goes on where it was when the server is back, without asking for anything", async () => {
  const page = await open();
  // A server that is away can hand out no files.
  const loaded = ["editor.worker", "json.worker", "graphql.worker", "codicon"].map((name) =>
    page.waitForEvent("requestfinished", (request) => request.url().includes(name)),
  );
  await signIn(page);
  await runExample(page, "Follow", "Follow");
  await Promise.all(loaded);
  await answered(page, '"tail"');
  await server.send("a line before the cut");
  await answered(page, '"a line before the cut"');
  await server.restart();
  await server.send("a line after the cut");
  // Begun anew, it would show its last ten lines.
  await answered(page, '"a line after the cut"');
  expect(await page.getByRole("region", { name: "Result Window" }).innerText()).not.toContain("before");
  offences.forgive(/^console: WebSocket connection to .* failed/);
});

test("a second tab is signed in already, and a sign-out ends both", async () => {
  const first = await open();
  await signIn(first);
  await isReady(first);
  const second = await open();
  await isReady(second);
  await second.getByRole("button", { name: "Sign out" }).click();
  for (const page of [first, second]) {
    await page.getByRole("heading", { name: "Sign in to Tailwater" }).waitFor();
  }
  await first.reload();
  await first.getByRole("heading", { name: "Sign in to Tailwater" }).waitFor();
});

test("a reload keeps the session", async () => {
  const page = await open();
  await signIn(page);
  await page.getByRole("button", { name: "Sign out" }).waitFor();
  await page.reload();
  await page.getByRole("button", { name: "Sign out" }).waitFor();
});

test("a session that is ended elsewhere ends here too, in the middle of a tail", async () => {
  const page = await open();
  await signIn(page);
  await isReady(page);
  await runExample(page, "Follow", "Follow");
  await answered(page, '"tail"');
  await server.endEverySession("admin", PASSWORD);
  await page.getByText("Your session has ended. Sign in to go on.").waitFor();
  await signIn(page);
  await page.getByRole("button", { name: "Sign out" }).waitFor();
});
