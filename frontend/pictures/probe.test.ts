import { test } from "vitest";
import { setScene } from "../e2e/scene.ts";
import { story } from "./story.ts";
const scene = setScene({ lines: story(1000) });
test("probe", async () => {
  const ada = await scene.person("/", { viewport: { width: 1440, height: 900 } });
  const { page } = ada;
  const stop = scene.server.sending("--rate", "30");
  await ada.opens("/?live=1"); await ada.isTold("Live");
  const sample = (ms: number) => page.evaluate((ms) => new Promise<string[]>((done) => {
    const out: string[] = []; const t0 = performance.now();
    const tick = () => {
      const f = document.querySelector("[role=treegrid]")!; const r = f.getBoundingClientRect();
      const rows = [...f.querySelectorAll<HTMLElement>(".line[aria-expanded]")];
      const seen = rows.filter((x) => { const b = x.getBoundingClientRect(); return b.bottom > r.top + 24 && b.top < r.bottom && getComputedStyle(x).visibility === "visible"; });
      const s = `${rows.length}/${seen.length} top=${f.scrollTop} h=${f.scrollHeight} gap=${Math.round(f.scrollHeight - f.scrollTop - f.clientHeight)} client=${f.clientHeight}`;
      out.push(Math.round(performance.now() - t0) + " " + s);
      if (performance.now() - t0 < ms) requestAnimationFrame(tick); else done(out);
    }; requestAnimationFrame(tick);
  }), ms);
  const show = (o: string[]) => { const bad = o.filter((x) => /\/0 /.test(x)); console.log(o.length, "frames", bad.length, "blank", o.slice(-3), bad.slice(0, 5)); };
  show(await sample(4000));
  await page.screenshot({ path: "/tmp/shots/probe1.png" });
  await page.emulateMedia({ colorScheme: "dark" });
  show(await sample(2000));
  await page.screenshot({ path: "/tmp/shots/probe2.png" });
  await page.setViewportSize({ width: 360, height: 740 });
  show(await sample(2000));
  await page.screenshot({ path: "/tmp/shots/probe3.png" });
  await stop();
}, 300000);
