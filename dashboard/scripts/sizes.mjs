// Prints what a browser can load of each page in dist/ and fails when it is over the page's bound.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

/** Bytes gzipped of a page with all that it may load later. */
const MOST_BYTES = { "index.html": 300_000, "graphiql.html": 2_500_000 };

const dist = fileURLToPath(new URL("../dist/", import.meta.url));
const entries = readdirSync(dist, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
const files = new Map(entries.map(({ name, parentPath }) => [name, readFileSync(join(parentPath, name))]));

/** The files of a page: those that it names, and those that they name. Names are hashed, so no other text has them. */
function reached(page) {
  const found = new Set([page]);
  for (const name of found) {
    const text = files.get(name).toString();
    [...files.keys()].filter((other) => text.includes(other)).forEach((other) => found.add(other));
  }
  return [...found];
}

const sizes = new Map([...files].map(([name, bytes]) => [name, gzipSync(bytes).length]));
for (const [page, most] of Object.entries(MOST_BYTES)) {
  const names = reached(page);
  const total = names.reduce((sum, name) => sum + sizes.get(name), 0);
  console.log(`${page}: ${names.length} files, ${total} bytes gzipped of at most ${most}`);
  if (total > most) {
    throw new Error(`${page} is too large`);
  }
}
