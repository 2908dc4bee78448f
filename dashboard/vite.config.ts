// How the pages are built, served while they are written, and tested.

import { defineConfig } from "vitest/config";

export default defineConfig({
  // Relative, so that the files work at any address.
  base: "./",
  esbuild: { jsx: "automatic", jsxImportSource: "preact" },
  build: { target: "es2022", modulePreload: { polyfill: false } },
  server: { proxy: { "/graphql": process.env["LOTLINE_URL"] ?? "http://127.0.0.1:8090" } },
  test: { include: ["test/**/*.test.ts"] },
});
