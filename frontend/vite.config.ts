import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

import { compressed } from "./build/compressed.ts";
import { weight } from "./build/weight.ts";

/** Where a server is listening while the pages are worked on (`npm run dev`). */
const server = process.env["TAILWATER_URL"] ?? "http://127.0.0.1:8000";

export default defineConfig({
  plugins: [react(), weight(), compressed()],
  build: {
    target: "es2023",
    // Every asset is a file of its own: the Content-Security-Policy allows no other scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: { index: "index.html", graphiql: "graphiql.html", setup: "setup.html" },
      onLog(level, log, report) {
        // GraphiQL is compiled already: what its modules tell the React compiler is for nobody here.
        if (log.code !== "MODULE_LEVEL_DIRECTIVE") report(level, log);
      },
    },
    // Monaco is large and loaded after the sign-in.
    chunkSizeWarningLimit: 4096,
  },
  worker: { format: "es" },
  server: { proxy: { "/graphql": { target: server, ws: true }, "/export": { target: server } } },
  test: { dir: "src" },
});
