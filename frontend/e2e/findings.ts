/** What keeps somebody out of a page: names, roles and contrast by axe-core, and what is wider than the window. */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";

/** How each view is looked at. */
export const WIDE = 1280;
const LOOKS = [[WIDE, "light"], [WIDE, "dark"], [360, "light"], [360, "dark"]] as const;

/** What is wrong with a view, in every theme and width. */
export async function findings(page: Page, name: string): Promise<readonly string[]> {
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
