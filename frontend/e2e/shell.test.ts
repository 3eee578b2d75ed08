/** What is around every page: keys, themes, names, ways. In a real browser against a real server. */
import { expect, test } from "vitest";

import type { Person } from "./person.ts";
import { setScene } from "./scene.ts";
import { PASSWORD } from "./server.ts";

const scene = setScene({ lines: [{ message: "a first line" }, { message: "a second one" }] });

test("keys lead to every page, and the help lists them", async () => {
  const ada = await scene.person("/sources");
  await ada.presses("?");
  const help = ada.page.getByRole("dialog", { name: "Keys" });
  await help.getByText("Go to Pipeline").waitFor();
  await ada.presses("g", "p", "Escape");
  await help.waitFor({ state: "detached" });
  expect(ada.page.url()).toBe(scene.server.url("/sources"));
  for (const [key, heading, title] of [
    ["p", "Pipeline", "Pipeline"], ["u", "Users", "Users"], ["d", "Audit log", "Audit"], ["a", "Account", "Account"],
    ["i", "Where you are signed in", "Sessions"], ["t", "API tokens", "API tokens"], ["e", "Explore", "Explore"], ["s", "Sources", "Sources"],
  ] as const) {
    await ada.presses("g", key);
    await ada.page.getByRole("heading", { level: 1, name: heading }).waitFor();
    expect(await ada.page.title()).toBe(`${title} · Tailwater`);
  }
  await ada.page.goBack();
  await ada.page.getByRole("heading", { level: 1, name: "Explore" }).waitFor();
});

test("the keyboard is enough to make a user and to remove one", async () => {
  const { page } = await scene.person("/users");
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

/** The colour behind everything. */
function ground({ page }: Person): Promise<string> {
  return page.evaluate(() => getComputedStyle(document.body).backgroundColor);
}

test("the theme follows the system until one is chosen, and what is chosen stays, on every tab", async () => {
  const ada = await scene.person("/account", { colorScheme: "light" });
  const light = await ground(ada);
  await ada.page.emulateMedia({ colorScheme: "dark" });
  await expect.poll(() => ground(ada)).not.toBe(light);
  const dark = await ground(ada);
  await ada.page.emulateMedia({ colorScheme: "light" });

  const other = await ada.inAnotherTab();
  await other.opens("/pipeline");
  await ada.page.getByText("Dark", { exact: true }).click();
  await expect.poll(() => ground(ada)).toBe(dark);
  await other.page.waitForFunction((colour) => getComputedStyle(document.body).backgroundColor === colour, dark);
  await ada.page.reload();
  await ada.seesTitle("Account");
  expect(await ground(ada)).toBe(dark);
  await ada.opens("/graphiql");
  await ada.page.getByRole("button", { name: "Sign out" }).waitFor();
});

test("the books of the pipeline balance, and count what is sent", async () => {
  const ada = await scene.person("/pipeline");
  await ada.reads("The books balance.");
  const stored = ada.page.getByRole("row", { name: /^Stored/ });
  await stored.getByText("2", { exact: true }).waitFor();
  await scene.server.send("a third line");
  await stored.getByText("3", { exact: true }).waitFor();
  await ada.reads("The books balance.");
});

test("a source leads to its records", async () => {
  const ada = await scene.person("/sources");
  await ada.page.getByRole("link", { name: "web-1" }).click();
  await ada.page.waitForURL(/\/\?.*host=web-1/);
  await ada.line("a first line").waitFor();
});

test("a page that is not there says so", async () => {
  const ada = await scene.somebody();
  const response = await ada.page.goto(scene.server.url("/nowhere"));
  expect(response?.status()).toBe(404);
  ada.offences.forgive(/404 \(Not Found\)/);
});
