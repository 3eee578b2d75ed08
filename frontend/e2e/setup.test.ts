/** The first start, in a real browser against a real server. */
import { expect, test } from "vitest";

import { findings } from "./findings.ts";
import { setScene } from "./scene.ts";
import { PASSWORD } from "./server.ts";

const scene = setScene({ password: undefined });

test("the set-up link makes the first user, once, and does not stay in the address bar", async () => {
  const { page } = await scene.somebody();
  const { server } = scene;
  await page.goto(server.setUpLink);
  await page.getByRole("heading", { name: "Set up Tailwater" }).waitFor();
  expect(page.url()).toBe(server.url("/setup"));
  expect(await findings(page, "the set-up")).toEqual([]);

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
});
