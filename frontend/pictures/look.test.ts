import { test } from "vitest";
import { setScene } from "../e2e/scene.ts";
import { story } from "./story.ts";
const scene = setScene({ lines: story(4000) });
const OUT = "/tmp/shots";
test("look", async () => {
  const ada = await scene.person("/");
  const { page } = ada;
  const shot = async (name: string) => {
    for (const [w, h, s] of [[1440, 900, "light"], [1440, 900, "dark"], [360, 740, "light"]] as const) {
      await page.setViewportSize({ width: w, height: h });
      await page.emulateMedia({ colorScheme: s });
      await page.waitForTimeout(250);
      await page.screenshot({ path: `${OUT}/${name}-${w}-${s}.png` });
    }
    await page.setViewportSize({ width: 1440, height: 900 });
  };
  await page.waitForTimeout(1000);
  await shot("explore");
  await ada.opens("/?q=timed&level=error,critical");
  await ada.lines.nth(3).click(); await page.waitForTimeout(600);
  await shot("record");
  await ada.presses("c"); await page.waitForTimeout(600);
  await shot("context");
  await ada.opens("/?q=hots:x"); await page.waitForTimeout(500); await shot("wrong");
  const stop = scene.server.sending("--rate", "30");
  await ada.opens("/?live=1"); await ada.isTold("Live"); await page.waitForTimeout(3000); await shot("live");
  await ada.presses(" "); await page.waitForTimeout(1000); await shot("paused");
  await stop();
  for (const p of ["sources", "pipeline", "users", "audit", "account", "sessions", "tokens"]) { await ada.opens("/" + p); await page.waitForTimeout(1500); await shot(p); }
  await ada.opens("/"); await page.waitForTimeout(500);
  for (const [n, b] of [["time", "Choose the time"], ["levels", "All levels"], ["srcs", "All sources"], ["saved", "Saved"], ["view", "View"]] as const) {
    await page.getByTitle(b).or(page.getByRole("button", { name: b, exact: true })).click(); await page.waitForTimeout(500); await shot("panel-" + n); await ada.presses("Escape");
  }
  await ada.presses("?"); await page.waitForTimeout(500); await shot("help"); await ada.presses("Escape");
  await ada.choosesInMenu("More", "Export these records…"); await page.waitForTimeout(500); await shot("export"); await ada.presses("Escape");
  await ada.searchBox.click(); await page.keyboard.type("app:ch"); await page.waitForTimeout(800); await shot("suggest");
}, 300000);
