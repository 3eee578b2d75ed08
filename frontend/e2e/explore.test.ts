/** From a sign-in to the lines that matter, and back to them another day. */
import { expect, test } from "vitest";

import { many, MINUTE, type Line } from "./lines.ts";
import { setScene } from "./scene.ts";

const ACCEPTED: readonly Line[] = many(12, (n) => ({
  app: "checkout", host: "shop-1", message: `payment ${n} accepted`, ago: 40 * MINUTE - n * 1_000, attributes: { order: { id: n } },
}));
const REFUSED: readonly Line[] = many(5, (n) => ({
  app: "checkout", host: "shop-2", level: "error", message: `payment ${n} refused by the bank`, ago: 10 * MINUTE - n * 1_000,
}));
const AROUND: readonly Line[] = many(30, (n) => ({
  app: "nginx", host: "web-1", message: `GET /${n}`, ago: 30 * MINUTE - n * 10_000,
}));

const scene = setScene({ lines: [...ACCEPTED, ...AROUND, ...REFUSED] });
const REFUSALS = ["payment 4", "payment 3", "payment 2", "payment 1", "payment 0"].map((begin) => `${begin} refused by the bank`);

test("somebody signs in, searches, zooms in and out, looks at a record and around it, and finds it all again", async () => {
  const ada = await scene.person("/");
  await ada.seesCount("47 records");

  await ada.searches("payment");
  await ada.seesCount("17 records");
  await ada.lines.locator("mark").getByText("payment").first().waitFor();

  const wide = ada.page.url();
  await ada.zooms(0.7, 0.95);
  await ada.sees(...REFUSALS);
  await ada.seesCount("5 records");
  const zoomed = ada.page.url();
  expect(zoomed).not.toBe(wide);
  await ada.page.goBack();
  await ada.seesCount("17 records");
  expect(ada.page.url()).toBe(wide);
  await ada.page.goForward();
  await ada.sees(...REFUSALS);

  await ada.line("payment 2 refused").click();
  await ada.record.getByText("shop-2").waitFor();
  await ada.record.getByRole("tab", { name: "Around this line" }).click();
  const around = ada.page.getByRole("grid", { name: "Lines around it" });
  await around.getByText("payment 4 refused by the bank").waitFor();
  expect(await around.getByRole("row").count()).toBe(5);
  await ada.clicks("Of every source");
  await around.getByText("GET /29").waitFor();

  const saved = await ada.openedBy("Saved", "Saved searches");
  await saved.getByLabel("Name").fill("Payments");
  await saved.getByRole("button", { name: "Save this search" }).click();
  await saved.getByRole("button", { name: "Payments", exact: true }).waitFor();
  await ada.opens("/");
  await ada.seesCount("47 records");
  await (await ada.openedBy("Saved", "Saved searches")).getByRole("button", { name: "Payments", exact: true }).click();
  await ada.seesCount("17 records");
  expect(await ada.searchBox.inputValue()).toBe("payment");
});

test("a reload, the ways back and forward, and a link in another tab show the same view", async () => {
  const ada = await scene.person("/?q=payment&level=error&column=app&wrap=1&clock=utc");
  await ada.sees(...REFUSALS);
  await ada.value("host", "shop-2").click();
  await ada.page.getByText("Clear all").waitFor();
  await ada.isAnswered();
  await ada.sees(...REFUSALS);
  const address = ada.page.url();
  const seen = await ada.listed();

  await ada.page.reload();
  await ada.sees(...REFUSALS);
  await expect.poll(() => ada.listed()).toBe(seen);

  const other = await ada.inAnotherTab();
  await other.page.goto(address);
  await other.sees(...REFUSALS);
  await expect.poll(() => other.listed()).toBe(seen);
  expect(other.page.url()).toBe(address);

  await ada.clicks("Clear all");
  await ada.seesCount("47 records");
  await ada.page.goBack();
  await ada.sees(...REFUSALS);
  await expect.poll(() => ada.listed()).toBe(seen);
});

test("the sidebar narrows the view to a value, or to all others, and says what it did", async () => {
  const ada = await scene.person("/");
  await ada.value("app", "checkout").click();
  await ada.seesCount("17 records");
  expect(await ada.value("app", "checkout").getAttribute("aria-pressed")).toBe("true");
  await ada.value("host", "shop-1").click({ modifiers: ["Alt"] });
  await ada.sees(...REFUSALS);
  expect(await ada.searchBox.inputValue()).toBe("-host:shop-1");
  await ada.clicks("No longer only app checkout");
  await ada.seesCount("35 records");
  await ada.clicks("Clear all");
  await ada.seesCount("47 records");
  await ada.value("severity", "error").click();
  await ada.sees(...REFUSALS);
});

test("an attribute becomes a field, a column and a condition", async () => {
  const ada = await scene.person("/?app=checkout&order=oldest");
  await ada.line("payment 3 accepted").click();
  await ada.record.getByRole("region", { name: "Attributes" }).getByRole("button", { name: "Show id as a column" }).click();
  await ada.page.getByRole("columnheader", { name: "order.id" }).waitFor();
  await ada.record.getByRole("region", { name: "Attributes" }).getByRole("button", { name: "Only id 3" }).click();
  await ada.sees("payment 3 accepted");
  expect(await ada.searchBox.inputValue()).toBe("attributes.order.id:3");
  await ada.page.getByRole("button", { name: "order.id", exact: true }).click();
  await ada.value("order.id", "3").waitFor();
});

test("it is all there on a screen of 360 pixels", async () => {
  const ada = await scene.person("/", { viewport: { width: 360, height: 740 }, hasTouch: true });
  await ada.searches("refused");
  await ada.sees(...REFUSALS);
  await ada.line("payment 2 refused").tap();
  await ada.record.getByText("shop-2").waitFor();
  await ada.line("payment 2 refused").tap();
  await ada.clicks("Fields");
  await ada.value("host", "shop-2").tap();
  await ada.page.getByText("Clear all").waitFor();
  await ada.choosesInMenu("Pages", "Sources");
  await ada.seesTitle("Sources");
  await ada.page.goBack();
  await ada.goesLive();
  await ada.sees(...REFUSALS.toReversed());
});

test("levels and sources are chosen from lists, and the order turns round", async () => {
  const ada = await scene.person("/?q=payment");
  const levels = await ada.openedBy("All levels", "Levels");
  await levels.getByRole("button", { name: "warning and above" }).click();
  await ada.sees(...REFUSALS);
  await ada.presses("Escape");
  const looks = await ada.openedBy("View", "Looks");
  await looks.getByRole("radio", { name: "Oldest" }).check();
  await ada.presses("Escape");
  await ada.sees(...REFUSALS.toReversed());
  const sources = await ada.openedBy("All sources", "Sources");
  await sources.getByRole("searchbox").fill("shop");
  await sources.getByRole("checkbox", { name: "shop-1" }).check();
  await ada.reads("No records here");
});

test("fields, values and earlier queries are suggested while somebody writes", async () => {
  const ada = await scene.person("/");
  await ada.searchBox.click();
  await ada.page.keyboard.type("ap");
  await ada.page.getByRole("option", { name: /^app/ }).waitFor();
  await ada.presses("Tab");
  await ada.page.getByRole("option", { name: /^checkout/ }).waitFor();
  await ada.page.keyboard.type("ch");
  await ada.presses("ArrowDown", "Enter");
  await expect.poll(() => ada.searchBox.inputValue()).toMatch(/^app:checkout ?$/);
  await ada.presses("Enter");
  await ada.seesCount("17 records");
  await ada.clicks("Clear the search");
  await ada.seesCount("47 records");
  await ada.searchBox.click();
  await ada.page.getByRole("option", { name: /^app:checkout/ }).waitFor();
});
