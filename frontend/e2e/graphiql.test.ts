/** What somebody does with GraphiQL, in a real browser against a real server. */
import type { Page } from "playwright-core";
import { expect, test } from "vitest";

import type { Person } from "./person.ts";
import { setScene } from "./scene.ts";
import { PASSWORD } from "./server.ts";

const scene = setScene();

/** Somebody on GraphiQL, who is not signed in yet. */
async function open(): Promise<Person> {
  const person = await scene.somebody({ viewport: { width: 1400, height: 900 } });
  await person.opens("/graphiql");
  return person;
}

/** Somebody who is signed in there. */
async function openSignedIn(): Promise<Person> {
  const person = await open();
  await person.entersCredentials("admin", PASSWORD);
  await person.page.getByRole("button", { name: "Sign out" }).waitFor();
  return person;
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
  const ada = await open();
  await ada.seesTitle("Sign in to Tailwater");
  await ada.entersCredentials("admin", "wrong horse battery");
  await ada.page.getByRole("alert").getByText("Wrong username or password.").waitFor();
  expect(await ada.page.getByLabel("Username").inputValue()).toBe("admin");
  await ada.entersCredentials("admin", PASSWORD);
  await ada.page.getByRole("button", { name: "Sign out" }).waitFor();
});

test("whoever is signed in reads the schema and runs a query", async () => {
  const { page } = await openSignedIn();
  await isReady(page);
  await page.getByText("LogFilter", { exact: true }).first().waitFor();
  await runExample(page, "Who am I", "Me");
  await answered(page, '"ADMIN"');
});

test("a tail shows a line the moment it arrives", async () => {
  const { page } = await openSignedIn();
  await runExample(page, "Follow", "Follow");
  await answered(page, '"tail"');
  await scene.server.send("a line for the live tail");
  await answered(page, '"a line for the live tail"');
});

test("a tail goes on where it was when the server is back, without asking for anything", async () => {
  const ada = await open();
  const { page, offences } = ada;
  // A server that is away can hand out no files.
  const loaded = ["editor.worker", "json.worker", "graphql.worker", "codicon"].map((name) =>
    page.waitForEvent("requestfinished", (request) => request.url().includes(name)),
  );
  await ada.entersCredentials("admin", PASSWORD);
  await runExample(page, "Follow", "Follow");
  await Promise.all(loaded);
  await answered(page, '"tail"');
  await scene.server.send("a line before the cut");
  await answered(page, '"a line before the cut"');
  await scene.server.restart();
  await scene.server.send("a line after the cut");
  // Begun anew, it would show its last ten lines.
  await answered(page, '"a line after the cut"');
  expect(await page.getByRole("region", { name: "Result Window" }).innerText()).not.toContain("before");
  offences.forgive(/^console: WebSocket connection to .* failed/);
});

test("a second tab is signed in already, and a sign-out ends both", async () => {
  const ada = await openSignedIn();
  const first = ada.page;
  await isReady(first);
  const { page: second } = await ada.inAnotherTab();
  await second.goto(scene.server.url("/graphiql"));
  await isReady(second);
  await second.getByRole("button", { name: "Sign out" }).click();
  for (const page of [first, second]) {
    await page.getByRole("heading", { name: "Sign in to Tailwater" }).waitFor();
  }
  await first.reload();
  await first.getByRole("heading", { name: "Sign in to Tailwater" }).waitFor();
});

test("a reload keeps the session", async () => {
  const { page } = await openSignedIn();
  await page.reload();
  await page.getByRole("button", { name: "Sign out" }).waitFor();
});

test("a session that is ended elsewhere ends here too, in the middle of a tail", async () => {
  const ada = await openSignedIn();
  const { page } = ada;
  await isReady(page);
  await runExample(page, "Follow", "Follow");
  await answered(page, '"tail"');
  await scene.server.endEverySession("admin", PASSWORD);
  await ada.reads("Your session has ended. Sign in to go on.");
  await ada.entersCredentials("admin", PASSWORD);
  await page.getByRole("button", { name: "Sign out" }).waitFor();
});
