/** Taking along what a view shows: as a file, as an operation, as text. */
import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";

import { many } from "./lines.ts";
import type { Person } from "./person.ts";
import { setScene } from "./scene.ts";

const scene = setScene({
  lines: [...many(17, (n) => ({ app: "wanted", message: `wanted ${n}` })), ...many(5, (n) => ({ app: "unwanted", message: `unwanted ${n}` }))],
});

/** Exports what is to be seen, and reads the file. */
async function exported({ page }: Person, format: RegExp): Promise<{ readonly name: string; readonly text: string }> {
  const dialog = page.getByRole("dialog", { name: "Export" });
  await dialog.getByRole("radio", { name: format }).check();
  const [download] = await Promise.all([page.waitForEvent("download"), dialog.getByRole("button", { name: "Export" }).click()]);
  return { name: download.suggestedFilename(), text: await readFile(await download.path(), "utf8") };
}

test("an export is a file with every record that the view selects, and the page says when it is whole", async () => {
  const ada = await scene.person("/?app=wanted");
  await ada.seesCount("17 records");
  await ada.choosesInMenu("More", "Export these records…");
  await ada.reads("What matches of: last hour, 17 records.");
  const { name, text } = await exported(ada, /^NDJSON/);
  expect(name).toMatch(/\.ndjson$/);
  const records = text.trim().split("\n").map((line) => JSON.parse(line) as { message: string });
  expect(records.map(({ message }) => message)).toEqual(many(17, (n) => ({ message: `wanted ${n}` })).map(({ message }) => message));
  await ada.page.getByRole("status").getByText("The file is whole.").waitFor();
  await ada.page.getByText("17 records,").waitFor();
  await ada.presses("Escape");

  await ada.choosesInMenu("More", "Export these records…");
  const csv = await exported(ada, /^CSV/);
  expect(csv.text.trim().split(/\r?\n/)).toHaveLength(18);
});

test("GraphiQL gets the operation of the view, and its answer is what the view shows", async () => {
  const ada = await scene.person("/?app=wanted");
  await ada.seesCount("17 records");
  await ada.clicks("More");
  const [tab] = await Promise.all([
    ada.page.context().waitForEvent("page"),
    ada.page.getByRole("menuitem", { name: "Open in GraphiQL" }).click(),
  ]);
  await tab.getByText("Root Types").waitFor();
  const [response] = await Promise.all([
    tab.waitForResponse(async (response) => response.url().endsWith("/graphql") && (await response.text()).includes("wanted 16")),
    tab.getByRole("button", { name: /^Execute query/ }).click(),
  ]);
  const { data } = (await response.json()) as { data: { logs: { edges: readonly unknown[] } } };
  expect(data.logs.edges).toHaveLength(17);
});

test("a record is copied as a line, as JSON and as a link that leads to it", async () => {
  const ada = await scene.person("/?app=wanted", { permissions: ["clipboard-read", "clipboard-write"] });
  await ada.line("wanted 3").click();
  const copied = async (what: string) => {
    await ada.record.getByRole("button", { name: `Copy the ${what}` }).click();
    await ada.page.getByText(`Copied the ${what}.`).last().waitFor();
    return ada.page.evaluate(() => navigator.clipboard.readText());
  };
  expect(await copied("line")).toMatch(/web-1 wanted.* wanted 3$/);
  expect(JSON.parse(await copied("JSON"))).toMatchObject({ message: "wanted 3", app: "wanted", host: "web-1" });
  const other = await ada.inAnotherTab();
  await other.page.goto(await copied("link"));
  await other.page.getByRole("dialog").getByLabel("Message", { exact: true }).getByText("wanted 3").waitFor();
});
