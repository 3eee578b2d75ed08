/** The dashboard without a mouse: every key that the help names does what it says. */
import { expect, test } from "vitest";

import { many, MINUTE } from "./lines.ts";
import type { Person } from "./person.ts";
import { setScene } from "./scene.ts";

const LINES = many(40, (n) => ({ message: `line ${n}`, host: n % 2 === 0 ? "even" : "odd", ago: (40 - n) * 1_000 + MINUTE }));
const scene = setScene({ lines: LINES });

/** The line that the keys speak of. */
async function isOn(person: Person, message: string): Promise<void> {
  await person.page.locator("[role=treegrid] .line[aria-selected=true]").getByText(message, { exact: true }).waitFor();
}

/** The keys that the help names, as it writes them. */
async function keysInHelp(person: Person): Promise<readonly string[]> {
  await person.presses("?");
  const help = person.page.getByRole("dialog", { name: "Keys" });
  const keys = await help.locator("dt").allInnerTexts();
  await person.presses("Escape");
  await help.waitFor({ state: "detached" });
  return keys.map((key) => key.replaceAll(/\s+/g, " ")).toSorted();
}

test("the help names every key that there is, and no other", async () => {
  const ada = await scene.person("/");
  await ada.line("line 39").waitFor();
  const pages = ["g a", "g d", "g e", "g i", "g p", "g s", "g t", "g u"];
  expect(await keysInHelp(ada)).toEqual(["/", "?", "Enter", "c", "f", ...pages, "j", "k", "l", "x"].toSorted());
  await ada.presses("l");
  await ada.isTold("Live");
  expect(await keysInHelp(ada)).toContain("Space");
});

test("keys move among the lines, open one, and show what is around it", async () => {
  const ada = await scene.person("/");
  await ada.line("line 39").waitFor();
  await ada.presses("j", "j", "k");
  await isOn(ada, "line 39");
  await ada.presses("j", "Enter");
  await ada.record.getByLabel("Message", { exact: true }).getByText("line 38").waitFor();
  await ada.presses("Enter");
  await ada.record.waitFor({ state: "detached" });
  await ada.presses("c");
  const around = ada.page.getByRole("grid", { name: "Lines around it" });
  await around.getByText("line 36").waitFor();
  await ada.presses("Enter");
  await ada.record.waitFor({ state: "detached" });
});

test("whoever moves on sees the line that they are on", async () => {
  const ada = await scene.person("/", { viewport: { width: 1280, height: 500 } });
  await ada.line("line 39").waitFor();
  for (let n = 39; n >= 0; n--) await ada.presses("j");
  await isOn(ada, "line 0");
  const inSight = (message: string) => ada.line(message).evaluate((row) => {
    const frame = row.closest("[role=treegrid]")!.getBoundingClientRect();
    const { top, bottom } = row.getBoundingClientRect();
    return top >= frame.top && bottom <= frame.bottom;
  });
  expect(await inSight("line 0")).toBe(true);
  for (let n = 0; n < 39; n++) await ada.presses("k");
  await isOn(ada, "line 39");
  expect(await inSight("line 39")).toBe(true);
});

test("keys narrow the view to a value of a line, or to all others", async () => {
  const ada = await scene.person("/");
  await ada.line("line 39").waitFor();
  await ada.presses("j", "f");
  const include = ada.page.getByRole("dialog", { name: "Only lines with…" });
  await include.waitFor();
  await ada.presses("ArrowDown");
  expect(await ada.page.locator(":focus").innerText()).toMatch(/host\s*odd/);
  await ada.presses("Enter");
  await ada.seesCount("20 records");
  await ada.page.goBack();
  await ada.seesCount("40 records");
  await ada.presses("j", "x");
  await ada.page.getByRole("dialog", { name: "Only lines without…" }).waitFor();
  await ada.presses("j", "Enter");
  await ada.seesCount("20 records");
  expect(await ada.searchBox.inputValue()).toBe("-host:even");
});

test("a slash leads to the search, Enter asks, and Escape leads out", async () => {
  const ada = await scene.person("/");
  await ada.line("line 39").waitFor();
  await ada.presses("/");
  await ada.page.keyboard.type("host:even");
  await ada.presses("Enter");
  await ada.seesCount("20 records");
  await ada.presses("/");
  await ada.page.keyboard.type("no query");
  await ada.presses("Escape");
  expect(await ada.searchBox.inputValue()).toBe("host:even");
  expect(await ada.searchBox.evaluate((box) => box === document.activeElement)).toBe(false);
  await ada.presses("j");
  await isOn(ada, "line 38");
});

test("a space pauses and goes on, and l begins and ends following", async () => {
  const ada = await scene.person("/");
  await ada.line("line 39").waitFor();
  await ada.presses("l");
  await ada.isTold("Live");
  await ada.presses("Space");
  await ada.isTold("Paused");
  await ada.presses("Space");
  await ada.isTold("Live");
  await ada.presses("l");
  await ada.page.getByRole("button", { name: "Ask again" }).waitFor();
});

test("Tab leads through all that can be used, and what has the focus shows it", async () => {
  const ada = await scene.person("/");
  await ada.line("line 39").waitFor();
  const reached = new Set<string>();
  const unseen: string[] = [];
  for (let n = 0; n < 80 && !reached.has("Lines of the log"); n++) {
    await ada.presses("Tab");
    const focus = await ada.page.evaluate(() => {
      const element = document.activeElement!;
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
      const around = getComputedStyle(element.closest(".search-box") ?? element);
      const shows = (outlineStyle !== "none" && outlineWidth !== "0px") || boxShadow !== "none" || around.outlineStyle !== "none" || around.boxShadow !== "none";
      return { name: element.getAttribute("aria-label") ?? element.textContent ?? "", shows };
    });
    reached.add(focus.name);
    if (!focus.shows) unseen.push(focus.name);
  }
  expect(unseen).toEqual([]);
  expect([...reached]).toEqual(expect.arrayContaining(["Skip to the page", "Search", "Live", "Lines of the log"]));
});
