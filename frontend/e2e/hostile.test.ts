/** Lines that somebody wrote to harm whoever reads them. What a log says is text, and changes nothing around it. */
import { expect, test } from "vitest";

import type { Line } from "./lines.ts";
import type { Person } from "./person.ts";
import { setScene } from "./scene.ts";

const MARKUP = `<script>document.title="taken"</script><img src="https://evil.example/x.png" onerror="document.title='taken'">`;
const LINES: readonly Line[] = [
  { message: MARKUP, app: MARKUP, host: `"><svg onload="document.title='taken'">`, attributes: { [MARKUP]: { [MARKUP]: MARKUP } } },
  { message: "\u001b[31mred\u001b[0m \u001b]0;taken\u0007 \u001b[2J\u001b[8mhidden\u001b[0m", app: "ansi" },
  { message: "invoice \u202egnp.exe\u202c \u2066isolated \u200bnothing", app: "bidi", host: "\u202etsoh" },
  { message: "Z\u0351\u0343\u0352\u0344".repeat(400), app: "marks" },
  { message: `{{7*7}} \${7*7} javascript:alert(1) %s%n\0end`, app: "javascript:alert(1)" },
  { message: "x".repeat(250_000), app: "long" },
  { message: `${"wide ".repeat(3_000)}\n${"line\n".repeat(3_000)}`, app: "tall" },
  { message: "many", app: "many", attributes: Object.fromEntries(Array.from({ length: 500 }, (_, n) => [`key${n}`, `value ${n}`])) },
  { message: "deep", app: "deep", attributes: nested(30) },
  { message: "proto", app: "proto", attributes: JSON.parse(`{"__proto__":{"polluted":"yes"},"constructor":{"prototype":{"polluted":"yes"}}}`) as Record<string, unknown> },
];

function nested(depth: number): Record<string, unknown> {
  return depth === 0 ? { end: "of it" } : { ["level".repeat(8)]: nested(depth - 1) };
}

const scene = setScene({ lines: LINES });

/** What a page looks like to somebody whom no line has harmed. */
async function isUnharmed({ page }: Person): Promise<void> {
  const harm = await page.evaluate(() => ({
    title: document.title,
    polluted: ({} as { polluted?: string }).polluted,
    wider: document.documentElement.scrollWidth > document.documentElement.clientWidth,
    foreign: document.querySelectorAll("main script, main img, main [onload], main [onerror], main a[href^='javascript']").length,
  }));
  expect(harm).toEqual({ title: "Explore · Tailwater", polluted: undefined, wider: false, foreign: 0 });
}

test("lines of every kind stand beside each other, each of them unharmed and harmless", async () => {
  const ada = await scene.person("/?wrap=0");
  await expect.poll(() => ada.lines.count()).toBe(LINES.length);
  await isUnharmed(ada);
  const heights = await ada.lines.evaluateAll((rows) => rows.map(({ clientHeight }) => clientHeight));
  expect(new Set(heights).size, String(heights)).toBe(1);
  expect(await ada.line("gnp.exe").locator(".line-message").innerText()).toContain("U+202E");
  expect(await ada.line("red").locator(".line-message").innerText()).not.toContain("\u001b");
  await ada.line("<script>").locator(".line-message").getByText(MARKUP.slice(0, 20)).waitFor();
});

test("wrapped, narrow and followed, they are as harmless", async () => {
  const ada = await scene.person("/?wrap=1&column=host&column=app&column=attributes.__proto__.polluted");
  await expect.poll(() => ada.lines.count()).toBeGreaterThan(0);
  await isUnharmed(ada);
  await ada.page.setViewportSize({ width: 360, height: 640 });
  await isUnharmed(ada);
  await ada.page.setViewportSize({ width: 1280, height: 800 });
  await ada.goesLive();
  await expect.poll(() => ada.lines.count()).toBeGreaterThan(0);
  await isUnharmed(ada);
});

test("every one of them opens, with all that is in it", async () => {
  const ada = await scene.person("/?order=oldest");
  for (const [at, { app = "" }] of LINES.entries()) {
    await ada.page.getByRole("treegrid").focus();
    await ada.presses(...(at === 0 ? ["j"] : ["Enter", "j"]), "Enter");
    await ada.record.waitFor();
    await isUnharmed(ada);
    expect(await ada.record.count(), app).toBe(1);
  }
});

test("a line of 250,000 letters and one of 500 attributes show their beginning, and all of it when asked", async () => {
  const ada = await scene.person("/?app=long");
  await ada.lines.click();
  const message = ada.record.getByLabel("Message", { exact: true });
  expect((await message.innerText()).length).toBeLessThan(5_000);
  await ada.clicks(/^Show all/);
  expect((await message.innerText()).length).toBe(250_000);
  await isUnharmed(ada);
  await ada.opens("/?app=many");
  await ada.lines.click();
  // By the keyboard: the list may still move under a pointer.
  await ada.page.getByRole("button", { name: "Show all 500 attributes", exact: true }).press("Enter");
  await ada.record.getByText("value 499", { exact: true }).waitFor();
  await isUnharmed(ada);
});

test("values from the wild become conditions that find their line again", async () => {
  const ada = await scene.person("/");
  await ada.line("<script>").click();
  await ada.page.getByRole("button", { name: "Only app <script>" }).click();
  await expect.poll(() => ada.lines.count()).toBe(1);
  await ada.clicks("Clear all");
  await ada.line("gnp.exe").click();
  await ada.page.getByRole("button", { name: "Without host" }).first().click();
  await expect.poll(() => ada.lines.count()).toBe(LINES.length - 1);
  await isUnharmed(ada);
});

test("the pages of sources and of others show names as text", async () => {
  const ada = await scene.person("/sources?by=app");
  await ada.page.getByRole("link", { name: "<script>" }).waitFor();
  const title = await ada.page.title();
  expect(title).toBe("Sources · Tailwater");
  expect(await ada.page.locator("main img, main script").count()).toBe(0);
});
