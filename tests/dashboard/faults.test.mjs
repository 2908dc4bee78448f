// What the page shows when an answer does not come, when there is nothing yet, and when data is hostile. Answers are
// replaced on their way to the page, so these hold on any server.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { address, launch, NARROW, open, show } from "./browser.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

/** Answers queries by the name of their operation; others go to the server. */
async function answer(page, answers) {
  await page.route("**/graphql", (route) => {
    const [, , name] = /(query|mutation) (\w+)/.exec(route.request().postDataJSON().query);
    return answers[name] === undefined ? route.continue() : route.fulfill({ json: answers[name]() });
  });
}

test("an error has its code, its message and a way to try again", async () => {
  const { page, close } = await open(browser);
  let failing = true;
  const failure = { data: null, errors: [{ message: "the run is not done", errorType: "NOT_READY" }] };
  const empty = { data: { runs: { nodes: [], pageInfo: { hasNextPage: false, endCursor: null } } } };
  await answer(page, { Runs: () => (failing ? failure : empty) });
  await page.goto(`${address}#/runs`);
  const alert = page.getByRole("alert");
  await alert.waitFor();
  assert.match(await alert.textContent(), /NOT_READY the run is not done/);
  failing = false;
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByText("There was no run yet").waitFor();
  assert.equal(await alert.count(), 0);
  await close();
});

test("codes in extensions count too, and so do an HTTP error and no server", async () => {
  for (const [fulfil, words] of [
    [
      (route) => route.fulfill({ json: { errors: [{ message: "too deep", extensions: { errorType: "LIMIT" } }] } }),
      "LIMIT too deep",
    ],
    [(route) => route.fulfill({ status: 502, body: "bad gateway" }), "HTTP 502"],
    [(route) => route.abort(), "UNREACHABLE"],
  ]) {
    const { page, close } = await open(browser);
    await page.route("**/graphql", fulfil);
    await page.goto(`${address}#/runs`);
    await page.getByRole("alert").filter({ hasText: words }).waitFor();
    await close();
  }
});

test("an empty lake says which command fills it", async () => {
  const nothing = { tables: [], runs: { nodes: [], pageInfo: { hasNextPage: false, endCursor: null } } };
  const data = () => ({ data: { ...nothing, summary: null } });
  for (const view of ["open-houses", "properties", "links", "explorer", "label", "quarantine", "runs", "tables"]) {
    const { page, faults, close } = await open(browser);
    await answer(page, { JobSummary: data, LinkingJobs: data, QuarantineSources: data, Runs: data, Tables: data });
    await show(page, view);
    assert.match(await page.locator(".commands").first().textContent(), /lotline demo/);
    assert.deepEqual(faults, []);
    await close();
  }
});

test("hostile text is shown as it is", async () => {
  const raw = `<script>document.title = "owned"</script><img src=x onerror="document.title = 'owned'"> \u202Edlrow \u0001 ${"x".repeat(500)}`;
  const { page, faults, close } = await open(browser, { viewport: NARROW });
  const row = { file: raw, rowNumber: 1, byteOffset: 0, column: raw, rule: "required", reason: raw, raw };
  const quarantine = {
    nodes: [row],
    rules: [{ rule: "required", rows: 1 }],
    pageInfo: { hasNextPage: false, endCursor: null },
  };
  await answer(page, { Quarantine: () => ({ data: { quarantine } }) });
  await show(page, "quarantine");
  assert.equal(await page.locator("pre.raw").textContent(), raw);
  assert.equal(await page.locator("bdi").first().textContent(), raw);
  assert.equal(await page.title(), "Quarantine – Lotline");
  const widths = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
  assert.ok(widths[0] <= widths[1], `page is ${widths[0]} wide in a window of ${widths[1]}`);
  assert.deepEqual(faults, []);
  await close();
});

test("config.json names another endpoint and its key", async () => {
  const { page, close } = await open(browser);
  const endpoint = "https://api.invalid/graphql";
  await page.route("**/config.json", (route) => route.fulfill({ json: { endpoint, apiKey: "da2-key" } }));
  const headers = { "access-control-allow-origin": "*", "access-control-allow-headers": "*" };
  let key;
  await page.route(endpoint, async (route) => {
    key ??= await route.request().headerValue("x-api-key");
    await route.fulfill({
      headers,
      json: { data: { runs: { nodes: [], pageInfo: { hasNextPage: false, endCursor: null } } } },
    });
  });
  await page.goto(`${address}#/runs`);
  await page.getByText("There was no run yet").waitFor();
  assert.equal(key, "da2-key");
  await close();
});
