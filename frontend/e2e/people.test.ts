/** What people do with accounts, sessions and tokens, in a real browser against a real server. */
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";

import { launch, Offences } from "./browser.ts";
import { PASSWORD, Server } from "./server.ts";

let server: Server;
let browser: Browser;
let contexts: BrowserContext[];
let offences: Offences[];

beforeAll(async () => {
  [server, browser] = await Promise.all([Server.start(PASSWORD), launch()]);
});

beforeEach(() => {
  [contexts, offences] = [[], []];
});

afterEach(async () => {
  await Promise.all(contexts.map((context) => context.close()));
  expect(offences.flatMap(({ seen }) => seen)).toEqual([]);
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

/** A new browser on a page of the dashboard. */
async function open(path: string): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  contexts.push(context);
  offences.push(new Offences(context, new URL(server.url("/")).origin));
  const page = await context.newPage();
  await page.goto(server.url(path));
  return page;
}

async function signIn(page: Page, username = "admin", password = PASSWORD): Promise<void> {
  await page.getByLabel("Username").fill(username);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** A browser in which somebody is signed in. */
async function openAs(username: string, path: string): Promise<Page> {
  const page = await open(path);
  await signIn(page, username);
  await page.getByRole("button", { name: `Account of ${username}` }).waitFor();
  return page;
}

/** Makes a user, on the page of the users. */
async function make(page: Page, username: string, role: string, sees = ""): Promise<void> {
  await page.getByRole("button", { name: "New user" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Username").fill(username);
  await dialog.getByLabel("Password").fill(PASSWORD);
  await dialog.getByLabel("Role").selectOption({ value: role });
  await dialog.getByLabel("Sees only").fill(sees);
  await dialog.getByRole("button", { name: "Create" }).click();
}

/** Chooses what to do with a user. */
async function act(page: Page, username: string, action: string): Promise<void> {
  await page.getByRole("button", { name: `Actions for ${username}` }).click();
  await page.getByRole("menuitem", { name: action }).click();
}

const row = (page: Page, name: string) => page.getByRole("row").filter({ hasText: name });

test("whoever is made a user signs in and has the pages of the role", async () => {
  const admin = await openAs("admin", "/users");
  await make(admin, "ada", "MEMBER");
  await row(admin, "ada").getByText("member", { exact: true }).waitFor();

  const ada = await openAs("ada", "/sources");
  const links = ada.getByRole("navigation", { name: "Pages" }).getByRole("link");
  expect(await links.allInnerTexts()).toEqual(["Explore", "Sources", "Pipeline"]);
  await ada.goto(server.url("/users"));
  await ada.getByRole("heading", { name: "There is nothing here" }).waitFor();
  await ada.goto(server.url("/tokens"));
  await ada.getByRole("button", { name: "New token" }).waitFor();
});

test("a form says at which field it fails, and keeps what was entered", async () => {
  const page = await openAs("admin", "/users");
  await make(page, "eve", "VIEWER", "hots:web-1");
  const dialog = page.getByRole("dialog");
  await dialog.getByText("Unknown field `hots`; did you mean `host`?").waitFor();
  const sees = dialog.getByLabel("Sees only");
  expect(await sees.evaluate((field) => field === document.activeElement)).toBe(true);
  await sees.fill("host:web-*");
  await dialog.getByLabel("Username").fill("ADMIN");
  await dialog.getByRole("button", { name: "Create" }).click();
  await dialog.getByText("The name is taken.").waitFor();
  await dialog.getByLabel("Username").fill("eve");
  await dialog.getByRole("button", { name: "Create" }).click();
  await row(page, "eve").getByText("host:web-*").waitFor();
});

test("whoever is disabled is signed out, and let in again when enabled", async () => {
  const admin = await openAs("admin", "/users");
  await make(admin, "mallory", "VIEWER");
  await row(admin, "mallory").waitFor();
  const mallory = await openAs("mallory", "/pipeline");

  await act(admin, "mallory", "Disable…");
  await admin.getByRole("button", { name: "Disable" }).click();
  await mallory.getByText("Your session has ended. Sign in to go on.").waitFor();
  await act(admin, "mallory", "Enable…");
  await admin.getByRole("button", { name: "Enable" }).click();
  await row(admin, "mallory").getByText("disabled").waitFor({ state: "detached" });
  await signIn(mallory, "mallory");
  await mallory.getByRole("heading", { name: "The books" }).waitFor();
  offences[1]?.forgive(/401 \(Unauthorized\)/);

  await act(admin, "mallory", "Remove…");
  await admin.getByRole("button", { name: "Remove mallory" }).click();
  await row(admin, "mallory").waitFor({ state: "detached" });
});

test("the last admin stays, and the page says why", async () => {
  const page = await openAs("admin", "/users");
  await act(page, "admin", "Disable…");
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Disable" }).click();
  await dialog.getByRole("alert").getByText(/last/).waitFor();
});

test("a token is shown once, is good for reading, and is over when it is revoked", async () => {
  const page = await openAs("admin", "/tokens");
  await page.getByRole("button", { name: "New token" }).click();
  await page.getByLabel("Name").fill("a script");
  await page.getByRole("button", { name: "Create" }).click();
  const token = await page.getByLabel("The token", { exact: true }).innerText();
  expect(token).toMatch(/^tw_/);
  await page.getByLabel("With curl", { exact: true }).getByText(token).waitFor();
  await page.getByRole("button", { name: "I have it" }).click();
  expect(await page.content()).not.toContain(token);

  const ask = async () => {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    return fetch(server.url("/graphql"), { method: "POST", headers, body: '{"query":"{ me { username } }"}' });
  };
  expect(await (await ask()).json()).toEqual({ data: { me: { username: "admin" } } });
  await page.getByRole("button", { name: "Revoke a script" }).click();
  await page.getByRole("button", { name: "Revoke", exact: true }).click();
  await page.getByText("There is no token.").waitFor();
  expect((await ask()).status).toBe(401);
});

test("a session that ends leaves the view as it was for whoever signs in again", async () => {
  const page = await openAs("admin", "/sources?by=app&sort=-count");
  await page.getByRole("searchbox").fill("nginx");
  await page.waitForURL(/q=nginx/);
  const marked = await page.evaluateHandle(() => document.querySelector("main"));
  await server.endEverySession("admin", PASSWORD);
  await page.getByText("Your session has ended. Sign in to go on.").waitFor();
  offences[0]?.forgive(/401 \(Unauthorized\)/);
  expect(await page.getByRole("navigation", { name: "Pages" }).count()).toBe(0);
  await signIn(page);
  await page.getByRole("heading", { name: "Sources" }).waitFor();
  expect(page.url()).toBe(server.url("/sources?by=app&q=nginx&sort=-count"));
  expect(await marked.evaluate((main) => main === document.querySelector("main"))).toBe(true);
});

test("other sessions are ended one by one or all at once, and signing out everywhere ends this one too", async () => {
  const here = await openAs("admin", "/sessions");
  const there = await openAs("admin", "/pipeline");
  await here.reload();
  await here.getByRole("button", { name: "End the others…" }).click();
  await here.getByRole("button", { name: "End them" }).click();
  await there.getByText("Your session has ended. Sign in to go on.").waitFor();
  offences[1]?.forgive(/401 \(Unauthorized\)/);
  await here.getByRole("button", { name: /^End the session/ }).waitFor({ state: "detached" });
  await here.getByRole("button", { name: "Sign out everywhere…" }).click();
  await here.getByRole("button", { name: "Sign out everywhere", exact: true }).click();
  await here.getByRole("heading", { name: "Sign in to Tailwater" }).waitFor();
});

test("a password is changed by whoever knows the one before", async () => {
  const admin = await openAs("admin", "/users");
  await make(admin, "grace", "VIEWER");
  await row(admin, "grace").waitFor();
  const page = await openAs("grace", "/account");
  const change = async (current: string, next: string, again: string) => {
    await page.getByLabel("Current password").fill(current);
    await page.getByLabel("New password", { exact: true }).fill(next);
    await page.getByLabel("New password again").fill(again);
    await page.getByRole("button", { name: "Change the password" }).click();
  };
  await change("not the one", "another password", "another password");
  await page.getByText("This is not your password.").waitFor();
  await change(PASSWORD, "another password", "a third password");
  await page.getByText("The two new passwords differ.").waitFor();
  await change(PASSWORD, "another password", "another password");
  await page.getByText("The password is changed").waitFor();
  const other = await open("/");
  await signIn(other, "grace", "another password");
  await other.getByRole("button", { name: "Account of grace" }).waitFor();
});

test("a new name stands in the bar at once", async () => {
  const page = await openAs("admin", "/account");
  await page.getByLabel("Name", { exact: true }).fill("Root");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("button", { name: "Account of Root" }).waitFor();
  await page.getByLabel("Name", { exact: true }).fill("admin");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("button", { name: "Account of admin" }).waitFor();
});

test("the audit log tells who did what, and who was not let in", async () => {
  const intruder = await open("/");
  await signIn(intruder, "admin", "not the password");
  await intruder.getByRole("alert").getByText("Wrong username or password.").waitFor();
  const page = await openAs("admin", "/audit");
  const first = page.getByRole("row").nth(1);
  expect(await first.innerText()).toMatch(/admin\s+login\s+admin\s+done/);
  await row(page, "unauthenticated").first().waitFor();
});
