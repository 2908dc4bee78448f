// Prints what a browser loads of dist/ and fails when it is over the bound.

import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const MOST_BYTES = 300_000;

const dist = new URL("../dist/", import.meta.url);
const files = readdirSync(dist, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
const sizes = files.map((file) => gzipSync(readFileSync(`${file.parentPath}/${file.name}`)).length);
const total = sizes.reduce((sum, size) => sum + size, 0);
console.log(`${files.length} files, ${total} bytes gzipped of at most ${MOST_BYTES}`);
if (total > MOST_BYTES) {
  throw new Error("the dashboard is too large");
}
