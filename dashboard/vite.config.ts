// How the pages are built, served while they are written, and tested.

import type { Rollup } from "vite";
import { defineConfig } from "vitest/config";

export default defineConfig({
  // Relative, so that the files work at any address.
  base: "./",
  esbuild: { jsx: "automatic", jsxImportSource: "preact" },
  build: {
    target: "es2022",
    modulePreload: { polyfill: false },
    // GraphiQL is a page of its own: the dashboard loads nothing of it.
    rollupOptions: { input: ["index.html", "graphiql.html"], onwarn },
    // For the editor of GraphiQL; scripts/sizes.mjs has the bounds that count, of pages.
    chunkSizeWarningLimit: 4000,
  },
  worker: { format: "es" },
  server: { proxy: { "/graphql": process.env["LOTLINE_URL"] ?? "http://127.0.0.1:8080" } },
  test: { include: ["test/**/*.test.ts"] },
});

/** Passes on what is no "use client" in a library, which means nothing in a page that no server renders. */
function onwarn(warning: Rollup.RollupLog, pass: (warning: Rollup.RollupLog) => void) {
  if (warning.code !== "MODULE_LEVEL_DIRECTIVE") {
    pass(warning);
  }
}
