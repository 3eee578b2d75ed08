/** What people do with accounts, sessions and tokens, in a real browser against a real server. */
import type { Locator } from "playwright-core";
import { expect, test } from "vitest";

import type { Person } from "./person.ts";
import { setScene } from "./scene.ts";
import { PASSWORD } from "./server.ts";

const scene = setScene();

/** Makes a user, on the page of the users. */
async function make(admin: Person, username: string, role: string, sees = ""): Promise<void> {
  await admin.clicks("New user");
  const dialog = admin.page.getByRole("dialog");
  await dialog.getByLabel("Username").fill(username);
  await dialog.getByLabel("Password").fill(PASSWORD);
  await dialog.getByLabel("Role").selectOption({ value: role });
  await dialog.getByLabel("Sees only").fill(sees);
  await dialog.getByRole("button", { name: "Create" }).click();
}

/** Does something with a user, and says yes when asked. */
async function act(admin: Person, username: string, action: string, yes: string): Promise<void> {
  await admin.choosesInMenu(`Actions for ${username}`, action);
  await admin.page.getByRole("dialog").getByRole("button", { name: yes, exact: true }).click();
}

function row({ page }: Person, name: string): Locator {
  return page.getByRole("row").filter({ hasText: name });
}

/** What a page loses when a session ends while it asks. */
const REFUSED = /401 \(Unauthorized\)/;

test("whoever is made a user signs in and has the pages of the role", async () => {
  const admin = await scene.person("/users");
  await make(admin, "ada", "MEMBER");
  await row(admin, "ada").getByText("member", { exact: true }).waitFor();

  const ada = await scene.person("/sources", { username: "ada" });
  const links = ada.page.getByRole("navigation", { name: "Pages" }).getByRole("link");
  expect(await links.allInnerTexts()).toEqual(["Explore", "Sources", "Pipeline"]);
  await ada.opens("/users");
  await ada.seesTitle("There is nothing here");
  await ada.opens("/tokens");
  await ada.page.getByRole("button", { name: "New token" }).waitFor();
});

test("a viewer reads, and is offered nothing that only others may do", async () => {
  await scene.server.makeUser("victor", "VIEWER");
  await scene.server.send("for all to read");
  const victor = await scene.person("/", { username: "victor" });
  await victor.sees("for all to read");
  const saved = await victor.openedBy("Saved", "Saved searches");
  await saved.getByText("No search is saved yet.").waitFor();
  expect(await saved.getByRole("button", { name: "Save this search" }).count()).toBe(0);
  await victor.presses("Escape");
  await victor.clicks("Account of victor");
  const items = victor.page.getByRole("menuitem");
  await items.first().waitFor();
  expect(await items.allInnerTexts()).toEqual(["Account", "Sessions", "GraphiQL", "Sign out"]);
  for (const path of ["/users", "/audit", "/tokens"]) {
    await victor.opens(path);
    await victor.seesTitle("There is nothing here");
  }
});

test("whoever sees a part of the log sees that part, and no more of it anywhere", async () => {
  const admin = await scene.person("/users");
  await make(admin, "shop", "MEMBER", "app:shop");
  await row(admin, "shop").getByText("app:shop").waitFor();
  await scene.server.send({ app: "shop", message: "sold" }, { app: "bank", message: "paid" });
  const shop = await scene.person("/", { username: "shop" });
  await shop.sees("sold");
  await shop.seesCount("1 record");
  await shop.opens("/sources?by=app");
  await shop.page.getByRole("link", { name: "shop" }).waitFor();
  expect(await shop.page.getByText("bank").count()).toBe(0);
  await shop.opens("/pipeline");
  await shop.reads("You see a part of the log.");
});

test("a form says at which field it fails, and keeps what was entered", async () => {
  const admin = await scene.person("/users");
  await make(admin, "eve", "VIEWER", "hots:web-1");
  const dialog = admin.page.getByRole("dialog");
  await dialog.getByText("Unknown field `hots`; did you mean `host`?").waitFor();
  const sees = dialog.getByLabel("Sees only");
  expect(await sees.evaluate((field) => field === document.activeElement)).toBe(true);
  await sees.fill("host:web-*");
  await dialog.getByLabel("Username").fill("ADMIN");
  await dialog.getByRole("button", { name: "Create" }).click();
  await dialog.getByText("The name is taken.").waitFor();
  await dialog.getByLabel("Username").fill("eve");
  await dialog.getByRole("button", { name: "Create" }).click();
  await row(admin, "eve").getByText("host:web-*").waitFor();
});

test("whoever is disabled is signed out, and let in again when enabled", async () => {
  const admin = await scene.person("/users");
  await make(admin, "mallory", "VIEWER");
  await row(admin, "mallory").waitFor();
  const mallory = await scene.person("/pipeline", { username: "mallory" });

  await act(admin, "mallory", "Disable…", "Disable");
  await mallory.reads("Your session has ended. Sign in to go on.");
  await act(admin, "mallory", "Enable…", "Enable");
  await row(admin, "mallory").getByText("disabled").waitFor({ state: "detached" });
  await mallory.signsIn("mallory");
  await mallory.seesTitle("The books");
  mallory.offences.forgive(REFUSED);

  await act(admin, "mallory", "Remove…", "Remove mallory");
  await row(admin, "mallory").waitFor({ state: "detached" });
});

test("the last admin stays, and the page says why", async () => {
  const admin = await scene.person("/users");
  await act(admin, "admin", "Disable…", "Disable");
  await admin.page.getByRole("dialog").getByRole("alert").getByText(/last/).waitFor();
});

test("a token is shown once, is good for reading, and is over when it is revoked", async () => {
  const admin = await scene.person("/tokens");
  await admin.clicks("New token");
  await admin.page.getByLabel("Name").fill("a script");
  await admin.clicks("Create");
  const token = await admin.page.getByLabel("The token", { exact: true }).innerText();
  expect(token).toMatch(/^tw_/);
  await admin.page.getByLabel("With curl", { exact: true }).getByText(token).waitFor();
  await admin.clicks("I have it");
  expect(await admin.page.content()).not.toContain(token);

  const ask = async () => {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    return fetch(scene.server.url("/graphql"), { method: "POST", headers, body: '{"query":"{ me { username } }"}' });
  };
  expect(await (await ask()).json()).toEqual({ data: { me: { username: "admin" } } });
  await admin.clicks("Revoke a script");
  await admin.clicks("Revoke");
  await row(admin, "a script").waitFor({ state: "detached" });
  // What is known of a token is good for half a second.
  await expect.poll(async () => (await ask()).status).toBe(401);
});

test("a session that ends leaves the view as it was for whoever signs in again", async () => {
  const admin = await scene.person("/sources?by=app&sort=-count");
  await admin.page.getByRole("searchbox").fill("nginx");
  await admin.page.waitForURL(/q=nginx/);
  const marked = await admin.page.evaluateHandle(() => document.querySelector("main"));
  await scene.server.endEverySession("admin", PASSWORD);
  await admin.reads("Your session has ended. Sign in to go on.");
  admin.offences.forgive(REFUSED);
  expect(await admin.page.getByRole("navigation", { name: "Pages" }).count()).toBe(0);
  await admin.signsIn();
  await admin.seesTitle("Sources");
  expect(admin.page.url()).toBe(scene.server.url("/sources?by=app&q=nginx&sort=-count"));
  expect(await marked.evaluate((main) => main === document.querySelector("main"))).toBe(true);
});

test("other sessions are ended one by one or all at once, and signing out everywhere ends this one too", async () => {
  const here = await scene.person("/sessions");
  const there = await scene.person("/pipeline");
  await here.page.reload();
  await here.clicks("End the others…");
  await here.clicks("End them");
  await there.reads("Your session has ended. Sign in to go on.");
  there.offences.forgive(REFUSED);
  await here.page.getByRole("button", { name: /^End the session/ }).waitFor({ state: "detached" });
  await here.clicks("Sign out everywhere…");
  await here.clicks("Sign out everywhere");
  await here.seesTitle("Sign in to Tailwater");
});

test("a password is changed by whoever knows the one before", async () => {
  await scene.server.makeUser("grace", "VIEWER");
  const grace = await scene.person("/account", { username: "grace" });
  const change = async (current: string, next: string, again: string) => {
    await grace.page.getByLabel("Current password").fill(current);
    await grace.page.getByLabel("New password", { exact: true }).fill(next);
    await grace.page.getByLabel("New password again").fill(again);
    await grace.clicks("Change the password");
  };
  await change("not the one", "another password", "another password");
  await grace.reads("This is not your password.");
  await change(PASSWORD, "another password", "a third password");
  await grace.reads("The two new passwords differ.");
  await change(PASSWORD, "another password", "another password");
  await grace.reads("The password is changed");
  const elsewhere = await scene.somebody();
  await elsewhere.opens("/");
  await elsewhere.signsIn("grace", "another password");
});

test("a new name stands in the bar at once", async () => {
  await scene.server.makeUser("linus", "MEMBER");
  const linus = await scene.person("/account", { username: "linus" });
  await linus.page.getByLabel("Name", { exact: true }).fill("Linus of Gotland");
  await linus.clicks("Save");
  await linus.page.getByRole("button", { name: "Account of Linus of Gotland" }).waitFor();
});

test("the audit log tells who did what, and who was not let in", async () => {
  const intruder = await scene.somebody();
  await intruder.opens("/");
  await intruder.entersCredentials("admin", "not the password");
  await intruder.page.getByRole("alert").getByText("Wrong username or password.").waitFor();
  const admin = await scene.person("/audit");
  const first = admin.page.getByRole("row").nth(1);
  expect(await first.innerText()).toMatch(/admin\s+login\s+admin\s+done/);
  await row(admin, "unauthenticated").first().waitFor();
});
