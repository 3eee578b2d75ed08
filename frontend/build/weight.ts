/** Holds the weight of the pages: what somebody loads who opens the dashboard, before anything else is opened. */
import { gzipSync } from "node:zlib";
import type { Plugin, Rolldown } from "vite";

/** What the first page may weigh, in bytes: JavaScript and styles, compressed. */
const MOST = 180_000;

/** Parts that are loaded in steps of their own as soon as the first page is there: they count as well. */
const AT_ONCE = ["src/logs/index.tsx", "src/logs/histogram/chart.ts"];

/** A step of the build that fails it when the first page is too heavy. */
export function weight(): Plugin {
  return {
    name: "weight",
    apply: "build",
    generateBundle(_options, bundle) {
      const chunks = Object.values(bundle).filter((part) => part.type === "chunk");
      const first = chunks.find(({ isEntry, name }) => isEntry && name === "index");
      if (first === undefined) this.error("the dashboard has no entry");
      const loaded = new Set<string>();
      take(first);
      for (const module of AT_ONCE) {
        const chunk = chunks.find(({ facadeModuleId }) => facadeModuleId?.endsWith(module));
        if (chunk === undefined) this.error(`${module} has no chunk of its own: name what is loaded at once anew`);
        take(chunk);
      }
      const bytes = [...loaded].map((name) => compressed(bundle[name]));
      const total = bytes.reduce((sum, size) => sum + size, 0);
      this.info(`the first page weighs ${Math.round(total / 1_000)} kB in ${loaded.size} files`);
      if (total > MOST) this.error(`the first page weighs ${total} bytes, and may weigh ${MOST}: load what is rare when it is wanted`);

      /** Counts a chunk with its styles and all that it cannot do without. */
      function take({ fileName, imports, viteMetadata }: Rolldown.OutputChunk): void {
        if (loaded.has(fileName)) return;
        loaded.add(fileName);
        for (const style of viteMetadata?.importedCss ?? []) loaded.add(style);
        for (const chunk of chunks) if (imports.includes(chunk.fileName)) take(chunk);
      }
    },
  };
}

function compressed(part: Rolldown.OutputChunk | Rolldown.OutputAsset | undefined): number {
  if (part === undefined) return 0;
  return gzipSync(part.type === "chunk" ? part.code : part.source, { level: 9 }).length;
}
