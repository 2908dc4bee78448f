// Headless Chromium on the dashboard that LOTLINE_URL names, and the same server's GraphQL endpoint asked directly.

import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { chromium } from "playwright-core";

const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export const WIDE = { width: 1280, height: 900 };
export const NARROW = { width: 380, height: 800 };

/** Where the dashboard is, with a slash at the end. */
export const address = (() => {
  const given = process.env.LOTLINE_URL;
  if (given === undefined) {
    throw new Error("LOTLINE_URL is not set: give the address of `lotline serve`, as http://127.0.0.1:8080/");
  }
  return given.endsWith("/") ? given : `${given}/`;
})();

export function launch() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ARGUMENTS });
}

/** Asks the endpoint as any other client does. */
export async function ask(query, variables = {}) {
  const response = await fetch(new URL("graphql", address), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await response.json();
  if (errors !== undefined) {
    throw new Error(JSON.stringify(errors));
  }
  return data;
}

/** A page that keeps what goes wrong in it: messages of its console, and requests to other hosts. */
export async function open(browser, { viewport = WIDE, colorScheme = "light" } = {}) {
  const context = await browser.newContext({ viewport, colorScheme, reducedMotion: "reduce" });
  const page = await context.newPage();
  const faults = [];
  page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("request", (request) => {
    if (new URL(request.url()).origin !== new URL(address).origin) {
      faults.push(`asked ${request.url()}`);
    }
  });
  return { page, faults, close: () => context.close() };
}

/** Shows a view and waits until nothing of it loads. */
export async function show(page, view) {
  await page.goto(`${address}#/${view}`);
  await settled(page);
}

export async function settled(page) {
  await page.locator("h1").waitFor();
  await page.waitForFunction(() => {
    const loading = [...document.querySelectorAll("[role=status]")].some((status) =>
      status.textContent.startsWith("Loading"),
    );
    const empty = [...document.querySelectorAll(".chart")].some((chart) => chart.childElementCount === 0);
    return !loading && !empty && document.querySelector("[aria-busy=true]") === null;
  });
}

/** The value that stands under a name, as `Matched properties`. */
export function stat(page, name) {
  return page
    .locator("dl.stats > div", { has: page.locator("dt", { hasText: new RegExp(`^${name}$`) }) })
    .locator("dd.value");
}

/** The texts of a table's cells, row by row; also of a table that is folded away. */
export function cells(page, caption) {
  const table = page.locator("table", { has: page.locator("caption", { hasText: caption }) }).first();
  return table
    .locator("tbody tr")
    .evaluateAll((rows) => rows.map((row) => [...row.cells].map((cell) => cell.textContent)));
}

/** What axe finds wrong, in words. */
export async function inaccessible(page) {
  await page.evaluate(AXE);
  const found = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  return found.violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`));
}

/** Keeps a picture of the page, but of at most so many pixels from its top, where LOTLINE_SCREENSHOTS names a folder. */
export async function picture(page, name, most = 2400) {
  const folder = process.env.LOTLINE_SCREENSHOTS;
  if (folder !== undefined) {
    mkdirSync(folder, { recursive: true });
    const [width, height] = await page.evaluate(() => [window.innerWidth, document.documentElement.scrollHeight]);
    const clip = { x: 0, y: 0, width, height: Math.min(height, most) };
    await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true, clip });
  }
}

export function count(value) {
  return value.toLocaleString("en-US");
}
