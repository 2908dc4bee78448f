// GraphiQL comes from the server, whole: it asks, completes and documents without any other host.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { address, ask, launch, open, picture } from "./browser.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

test("GraphiQL asks what is typed and shows the answer", async () => {
  const { page, faults, close } = await open(browser);
  await page.goto(`${address}graphiql`);
  await type(page, "query Published { tables { name rows } }");
  const answered = page.waitForResponse("**/graphql");
  await page.getByRole("button", { name: /^Execute query/ }).click();
  assert.match((await answered).request().postDataJSON().query, /^query Published /);
  const { tables } = await ask("{ tables { name rows } }");
  // The editor writes spaces that do not break.
  const [{ name, rows }] = tables;
  const answer = page.locator(".result-window .view-lines");
  await answer.filter({ hasText: new RegExp(`"${name}",\\s*"rows":\\s*${rows}\\b`) }).waitFor();
  await picture(page, "graphiql");
  assert.deepEqual(faults, []);
  await close();
});

test("GraphiQL knows the schema", async () => {
  const { page, faults, close } = await open(browser, { colorScheme: "dark" });
  await page.goto(`${address}graphiql`);
  await type(page, "{ noSuchField }");
  await page.locator(".graphiql-query-editor .squiggly-error").waitFor();
  await page.getByRole("button", { name: "Show Documentation Explorer" }).click();
  await page.getByRole("link", { name: "Query", exact: true }).click();
  await page.getByText("labelQueue").waitFor();
  assert.deepEqual(faults, []);
  await close();
});

/** Replaces the query by another. */
async function type(page, query) {
  await page.locator(".graphiql-query-editor .view-line").first().click();
  await page.keyboard.press("Control+A");
  // At once, for the editor closes brackets that are typed.
  await page.keyboard.insertText(query);
}
