import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    dir: "e2e",
    // Most of the time somebody waits: for a password to be hashed, for a page to be loaded.
    maxWorkers: 2,
    // A debug build on a busy machine: these end a hang, they time nothing.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 20_000 } },
  },
});
