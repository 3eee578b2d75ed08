/** Every view can be used by everybody: names, roles and contrast by axe-core, in both themes, wide and narrow. */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";

import { many } from "./lines.ts";
import type { Person } from "./person.ts";
import { setScene } from "./scene.ts";

const LEVELS = ["emergency", "alert", "critical", "error", "warning", "notice", "info", "debug"];
const scene = setScene({
  lines: many(16, (n) => ({
    message: `\u001b[3${n % 8}mline ${n}\u001b[0m with a \u202esign`, level: LEVELS[n % 8]!, app: `app-${n % 5}`, host: `web-${n % 3}`,
    ago: n * 30_000, attributes: { user: { id: n, roles: ["a", "b"] } },
  })),
});
const empty = setScene();

/** How each view is looked at. */
const WIDE = 1280;
const LOOKS = [[WIDE, "light"], [WIDE, "dark"], [360, "light"]] as const;

/** Views of the dashboard by name: how each is come to. */
const VIEWS: Readonly<Record<string, (person: Person) => Promise<void>>> = {
  "lines": async (person) => {
    await person.opens("/?q=line");
    await person.line("line 1").first().waitFor();
  },
  "an opened record": async (person) => {
    await person.opens("/");
    await person.line("line 3").first().click();
    await person.record.waitFor();
  },
  "around a line": async (person) => {
    await person.opens("/?clock=utc&wrap=1");
    await person.line("line 3").first().waitFor();
    await person.presses("j", "c");
    await person.page.getByRole("grid", { name: "Lines around it" }).waitFor();
  },
  "no records": async (person) => {
    await person.opens("/?q=nothing");
    await person.reads("No records here");
  },
  "a wrong query": async (person) => {
    await person.opens("/?q=hots:x");
    await person.reads("The query cannot be understood");
  },
  "a narrow view": async (person) => {
    await person.opens("/?host=web-1&app=app-1&level=error,warning&q=-line%20app:app-1");
    await person.reads("No records here");
  },
  "suggestions": async (person) => {
    await person.opens("/");
    await person.searchBox.click();
    await person.page.getByRole("option").first().waitFor();
  },
  "following": async (person) => {
    await person.opens("/?live=1");
    await person.isTold("Live");
    await person.line("line 3").first().waitFor();
  },
  "a pause": async (person) => {
    await person.opens("/?live=1");
    await person.isTold("Live");
    await person.presses("Space");
    await person.isTold("Paused");
  },
  "the keys": async (person) => {
    await person.opens("/");
    await person.line("line 3").first().waitFor();
    await person.presses("?");
    await person.page.getByRole("dialog", { name: "Keys" }).waitFor();
  },
  "picking a value": async (person) => {
    await person.opens("/");
    await person.line("line 3").first().waitFor();
    await person.presses("j", "f");
    await person.page.getByRole("dialog", { name: "Only lines with…" }).waitFor();
  },
  "the export": async (person) => {
    await person.opens("/");
    await person.choosesInMenu("More", "Export these records…");
    await person.page.getByRole("dialog", { name: "Export" }).waitFor();
  },
  "a new token": async (person) => {
    await person.opens("/tokens");
    await person.openedBy("New token", "New token");
  },
  "a new user": async (person) => {
    await person.opens("/users");
    await person.clicks("New user");
    await person.page.getByRole("dialog").waitFor();
  },
  ...Object.fromEntries(
    [["Time", "Choose the time"], ["Levels", "All levels"], ["Sources", "All sources"], ["Saved searches", "Saved"], ["Looks", "View"]].map(
      ([dialog, button]) => [
        `the panel ${dialog}`,
        async (person: Person) => {
          await person.opens("/");
          await person.page.getByTitle(button!).or(person.page.getByRole("button", { name: button!, exact: true })).click();
          await person.page.getByRole("dialog", { name: dialog! }).waitFor();
        },
      ],
    ),
  ),
  ...Object.fromEntries(
    ["/sources", "/sources?by=app", "/pipeline", "/users", "/audit", "/account", "/sessions", "/tokens"].map((path) => [
      path,
      async (person: Person) => {
        await person.opens(path);
        await person.page.getByRole("heading", { level: 1 }).waitFor();
        await person.page.waitForLoadState("networkidle");
      },
    ]),
  ),
};

/** What is wrong with a view, in every theme and width. */
async function findings(person: Person, name: string): Promise<readonly string[]> {
  const { page } = person;
  const found: string[] = [];
  for (const [width, colorScheme] of LOOKS) {
    await page.setViewportSize({ width, height: 800 });
    await page.emulateMedia({ colorScheme });
    const where = `${name}, ${colorScheme}, ${width} px wide`;
    const wider = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
    if (wider) found.push(`${where}: wider than the window`);
    found.push(...(await seriousFindings(page)).map((finding) => `${where}: ${finding}`));
  }
  return found;
}

/** It is given to the browser as a script of its own: the pages allow no other. */
const AXE = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What axe finds on a page that keeps somebody out. */
async function seriousFindings(page: Page): Promise<readonly string[]> {
  await page.evaluate(AXE);
  const violations = await page.evaluate(async () => {
    const { violations } = await (window as unknown as { axe: typeof import("axe-core") }).axe.run(document, { resultTypes: ["violations"], preload: false });
    return violations.map(({ id, impact, nodes }) => ({ id, impact, where: nodes.map(({ html }) => html.slice(0, 160)) }));
  });
  const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  return serious.map(({ id, where }) => `${id}: ${where.slice(0, 3).join(" ")}`);
}

test("signing in, and signing in again", async () => {
  const ada = await scene.somebody();
  await ada.opens("/");
  await ada.seesTitle("Sign in to Tailwater");
  expect(await findings(ada, "the sign-in")).toEqual([]);
  await ada.entersCredentials("admin", "not the password");
  await ada.page.getByRole("alert").getByText("Wrong username or password.").waitFor();
  expect(await findings(ada, "a refused sign-in")).toEqual([]);
  ada.offences.forgive(/401 \(Unauthorized\)/);
});

test("every view of the dashboard", async () => {
  const ada = await scene.person("/");
  const found: string[] = [];
  for (const [name, comesTo] of Object.entries(VIEWS)) {
    await ada.page.setViewportSize({ width: WIDE, height: 800 });
    await comesTo(ada);
    found.push(...(await findings(ada, name)));
  }
  expect(found).toEqual([]);
}, 300_000);

test("an empty log", async () => {
  const ada = await empty.person("/");
  await ada.seesTitle("Send the first line");
  expect(await findings(ada, "the first line")).toEqual([]);
});
