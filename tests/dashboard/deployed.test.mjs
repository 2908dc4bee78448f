// The pages as the stack shows them: every file with the policy that CloudFront sends, the API at another host with a key.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { address, launch, open, settled } from "./browser.mjs";

const TEMPLATE = readFileSync(new URL("../../template.yaml", import.meta.url), "utf8");
/** Stands for the API; no such host exists. */
const API = { endpoint: "https://api.invalid/graphql", apiKey: "da2-key" };

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

/** The template's policy, with the API in it. */
function policy() {
  const [, folded] = /ContentSecurityPolicy: !Sub >-\n((?: {14}.*\n)+)/.exec(TEMPLATE);
  const text = folded.trim().replace(/\s+/g, " ");
  assert.ok(text.includes("${Api.GraphQLUrl}"));
  return text.replace("${Api.GraphQLUrl}", API.endpoint);
}

/** A page whose files come as from CloudFront; `keys` has the API key of every request to the API. */
async function deployed() {
  const { page, faults, close } = await open(browser);
  const sent = policy();
  const [files, keys] = [[], []];
  await page.context().route("**/*", async (route) => {
    const url = new URL(route.request().url());
    files.push(url.pathname);
    if (url.href === API.endpoint) {
      keys.push(await route.request().headerValue("x-api-key"));
      const response = await route.fetch({ url: new URL("graphql", address).href });
      return route.fulfill({ response, headers: { ...response.headers(), "access-control-allow-origin": "*" } });
    }
    if (url.pathname === "/config.json") {
      return route.fulfill({ json: API });
    }
    const response = await route.fetch();
    return route.fulfill({ response, headers: { ...response.headers(), "content-security-policy": sent } });
  });
  const others = () => faults.filter((fault) => fault !== `asked ${API.endpoint}`);
  return { page, others, files, keys, close };
}

test("the dashboard asks the API with its key", async () => {
  const { page, others, keys, close } = await deployed();
  await page.goto(address);
  await settled(page);
  assert.ok((await page.locator(".chart svg").count()) > 0);
  assert.deepEqual([...new Set(keys)], [API.apiKey]);
  assert.deepEqual(others(), []);
  await close();
});

test("GraphiQL and its workers", async () => {
  const { page, others, files, keys, close } = await deployed();
  await page.goto(`${address}graphiql.html`);
  await page.locator(".graphiql-query-editor .view-line").first().click();
  await page.keyboard.press("Control+A");
  await page.keyboard.insertText("{ tables { name } noSuchField }");
  await page.locator(".graphiql-query-editor .squiggly-error").waitFor();
  await page.getByRole("button", { name: /^Execute query/ }).click();
  await page.locator(".result-window .view-lines", { hasText: "BAD_REQUEST" }).waitFor();
  assert.ok(files.some((path) => path.includes("graphql.worker")));
  assert.deepEqual(keys, [API.apiKey]);
  assert.deepEqual(others(), []);
  await close();
});

test("a script that gets into the page does not run", async () => {
  const { page, close } = await deployed();
  await page.goto(address);
  await settled(page);
  const ran = await page.evaluate(() => {
    const script = document.createElement("script");
    script.textContent = "globalThis.injected = true";
    document.head.append(script);
    return globalThis.injected === true;
  });
  assert.equal(ran, false);
  await close();
});
