/** The first start, in a real browser against a real server. */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";

import { launch, Offences } from "./browser.ts";
import { PASSWORD, Server } from "./server.ts";

let server: Server;
let browser: Browser;

beforeAll(async () => {
  [server, browser] = await Promise.all([Server.start(), launch()]);
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

test("the set-up link makes the first user, once, and does not stay in the address bar", async () => {
  const context = await browser.newContext();
  const offences = new Offences(context, new URL(server.url("/")).origin);
  const page = await context.newPage();
  await page.goto(server.setUpLink);
  await page.getByRole("heading", { name: "Set up Tailwater" }).waitFor();
  expect(page.url()).toBe(server.url("/setup"));

  const fill = async (password: string, again: string) => {
    await page.getByLabel("Password", { exact: true }).fill(password);
    await page.getByLabel("Password again").fill(again);
    await page.getByRole("button", { name: "Create the first user" }).click();
  };
  await fill(PASSWORD, "another password");
  await page.getByRole("alert").getByText("The two passwords differ.").waitFor();
  await fill(PASSWORD, PASSWORD);
  await page.getByRole("heading", { name: "Tailwater is set up" }).waitFor();

  await page.getByRole("link", { name: "the dashboard" }).click();
  await page.getByRole("button", { name: "Account of admin" }).waitFor();
  await page.getByRole("heading", { name: "Send the first line" }).waitFor();

  await page.goto(server.setUpLink);
  await fill(PASSWORD, PASSWORD);
  await page.getByRole("alert").locator(".notice").waitFor();
  expect(offences.seen).toEqual([]);
  await context.close();
});
