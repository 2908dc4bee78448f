// The queue of uncertain pairs is worked off without a mouse.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ask, launch, open, settled, show } from "./browser.mjs";

const QUEUE = `{ labelQueue(job: "properties", first: 20) { idL idR } }`;

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

async function labelOf({ idL, idR }) {
  const { labels } = await ask(`{ labels(job: "properties", first: 1000) { nodes { idL idR verdict by } } }`);
  return labels.nodes.find((label) => label.idL === idL && label.idR === idR);
}

test("keys go through the queue and judge", async () => {
  const { labelQueue } = await ask(QUEUE);
  const { page, faults, close } = await open(browser);
  await show(page, "label?job=properties");
  const at = async (place) => {
    await page.getByText(`Pair ${place + 1} of ${labelQueue.length}`).waitFor();
    await page.locator(".ids", { hasText: labelQueue[place].idR }).waitFor();
    await settled(page);
  };
  await at(0);
  await page.keyboard.press("n");
  await at(1);
  await page.keyboard.press("ArrowRight");
  await at(2);
  await page.keyboard.press("p");
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("ArrowLeft");
  await at(0);

  await page.getByLabel("Your name").fill("Ada 123");
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("1");
  await at(1);
  assert.deepEqual(await labelOf(labelQueue[0]), { ...labelQueue[0], verdict: "LINK", by: "Ada 123" });
  await page.keyboard.press("2");
  await at(2);
  assert.equal((await labelOf(labelQueue[1])).verdict, "NOT_LINK");
  await page.keyboard.press("3");
  await at(3);
  assert.equal((await labelOf(labelQueue[2])).verdict, "UNSURE");

  const judged = (await ask(QUEUE)).labelQueue.map(({ idL, idR }) => `${idL} ${idR}`);
  assert.ok(labelQueue.slice(0, 3).every(({ idL, idR }) => !judged.includes(`${idL} ${idR}`)));
  assert.deepEqual(faults, []);
  await close();
});

test("a pair in the explorer is judged again, and the last word counts", async () => {
  const { links } = await ask(`{ links(job: "properties", order: WEIGHT, first: 1) { nodes { idL idR } } }`);
  const { page, close } = await open(browser);
  await show(page, `explorer?${new URLSearchParams({ job: "properties", ...links.nodes[0] })}`);
  for (const [words, verdict] of [
    ["unsure", "UNSURE"],
    ["not a link", "NOT_LINK"],
  ]) {
    await page.getByRole("button", { name: words, exact: true }).click();
    await page.getByText(`, ${words}, says`).waitFor();
    assert.equal((await labelOf(links.nodes[0])).verdict, verdict);
  }
  await close();
});

test("the keyboard reaches content, views and the slider", async () => {
  const { page, close } = await open(browser);
  await show(page, "links?job=properties");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Skip to content");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.tagName), "MAIN");
  const slider = page.getByRole("slider");
  const before = await slider.inputValue();
  await slider.focus();
  await page.keyboard.press("ArrowRight");
  assert.equal(Number(await slider.inputValue()), Number(before) + 1);
  await page.getByRole("link", { name: "Runs" }).focus();
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.activeElement.tagName === "H1");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Runs");
  assert.equal(await page.title(), "Runs – Lotline");
  await close();
});
