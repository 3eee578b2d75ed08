/** Compresses what was built. The server embeds and sends these forms, and inflates them for the rare client
 * that wants them plain; so every file lies in the executable once. */
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { Plugin } from "vite";

const compress = promisify(gzip);

/** What keeps the folder in the repository: cargo watches it for a new build. */
const KEPT = ".gitignore";

/** A step around the build: clears the folder before, and puts `name.gz` in the place of every file `name` after. */
export function compressed(): Plugin {
  let root = "";
  return {
    name: "compressed",
    apply: "build",
    config: () => ({ build: { emptyOutDir: false } }),
    configResolved(config) {
      root = config.build.outDir;
    },
    async buildStart() {
      const entries = (await readdir(root)).filter((name) => name !== KEPT);
      await Promise.all(entries.map((name) => rm(join(root, name), { recursive: true })));
    },
    async closeBundle(error) {
      if (error !== undefined) return;
      const entries = await readdir(root, { recursive: true, withFileTypes: true });
      const files = entries.filter((entry) => entry.isFile() && entry.name !== KEPT);
      await Promise.all(files.map((file) => replace(join(file.parentPath, file.name))));
    },
  };
}

async function replace(file: string): Promise<void> {
  await writeFile(`${file}.gz`, await compress(await readFile(file), { level: 9 }));
  await rm(file);
}
