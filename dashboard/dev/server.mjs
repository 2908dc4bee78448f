// A stand-in for `lotline serve` while pages are written: dist/ and the GraphQL endpoint over the lake in memory.
// `node dev/server.mjs [PORT]`, by default 8090.

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { graphql } from "graphql";
import { schema } from "../scripts/schema.mjs";
import { answers } from "./answers.mjs";

const dist = new URL("../dist/", import.meta.url);
const TYPES = {
  ".css": "text/css",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".json": "application/json",
  ".svg": "image/svg+xml",
};

/** Starts the server; resolves to its address and to what ends it. Port 0 takes a free one. */
export function serve(port) {
  const rootValue = answers();
  const server = createServer((request, response) => {
    const answered = request.url === "/graphql" ? query(request, response, rootValue) : file(request, response);
    answered.catch((error) => response.writeHead(500).end(String(error)));
  });
  return new Promise((resolve) => {
    server.listen(port, "127.0.0.1", () => {
      resolve({ address: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() });
    });
  });
}

async function query(request, response, rootValue) {
  const parts = await request.toArray();
  const { query: source, variables } = JSON.parse(Buffer.concat(parts).toString());
  const answer = await graphql({ schema, source, rootValue, variableValues: variables });
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
}

async function file(request, response) {
  const { pathname } = new URL(request.url, "http://localhost");
  const path = new URL(`.${pathname === "/" ? "/index.html" : pathname}`, dist);
  try {
    const bytes = await readFile(path);
    response.writeHead(200, { "content-type": TYPES[extname(path.pathname)] ?? "text/plain" }).end(bytes);
  } catch {
    response.writeHead(404).end("not found");
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { address } = await serve(Number(process.argv[2] ?? 8090));
  console.log(address);
}
