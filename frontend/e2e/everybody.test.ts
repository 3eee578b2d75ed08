/** Every view can be used by everybody: names, roles and contrast by axe-core, in both themes, wide and narrow. */
import { expect, test } from "vitest";

import { findings, WIDE } from "./findings.ts";
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

test("signing in, and signing in again", async () => {
  const ada = await scene.somebody();
  await ada.opens("/");
  await ada.seesTitle("Sign in to Tailwater");
  expect(await findings(ada.page, "the sign-in")).toEqual([]);
  await ada.entersCredentials("admin", "not the password");
  await ada.page.getByRole("alert").getByText("Wrong username or password.").waitFor();
  expect(await findings(ada.page, "a refused sign-in")).toEqual([]);
  ada.offences.forgive(/401 \(Unauthorized\)/);
});

test("every view of the dashboard", async () => {
  const ada = await scene.person("/");
  const found: string[] = [];
  for (const [name, comesTo] of Object.entries(VIEWS)) {
    await ada.page.setViewportSize({ width: WIDE, height: 800 });
    await comesTo(ada);
    found.push(...(await findings(ada.page, name)));
  }
  expect(found).toEqual([]);
}, 300_000);

test("an empty log", async () => {
  const ada = await empty.person("/");
  await ada.seesTitle("Send the first line");
  expect(await findings(ada.page, "the first line")).toEqual([]);
});
