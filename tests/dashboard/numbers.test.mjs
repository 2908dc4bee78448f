// The numbers on the page are those that the endpoint answers.

import assert from "node:assert/strict";
import { after, before, beforeEach, afterEach, test } from "node:test";
import { ask, cells, count, launch, open, settled, show, stat } from "./browser.mjs";

let browser, page, faults, close;
before(async () => {
  browser = await launch();
});
after(() => browser.close());
beforeEach(async () => {
  ({ page, faults, close } = await open(browser));
});
afterEach(async () => {
  await close();
  assert.deepEqual(faults, []);
});

async function insight(job, name) {
  const answer = await ask(`query ($job: ID!, $name: String!) { insight(job: $job, name: $name) { rows } }`, {
    job,
    name,
  });
  return answer.insight.rows.map((row) => JSON.parse(row));
}

/** A share is shown in percent with at least one digit. */
async function near(name, share) {
  const shown = Number((await stat(page, name).textContent()).replace("%", "")) / 100;
  assert.ok(Math.abs(shown - share) <= 0.000501, `${name} shows ${shown}, expected ${share}`);
}

test("open houses", async () => {
  const days = await insight("open-houses", "daily_cumulative");
  const zips = await insight("open-houses", "top_zips");
  const [week] = await insight("open-houses", "busiest_week");
  await show(page, "open-houses");
  assert.equal(await stat(page, "Open houses").textContent(), count(days.at(-1).cumulative));
  assert.equal(await stat(page, "In the busiest week").textContent(), count(week.open_houses));
  const shown = await cells(page, "Open houses by day");
  assert.deepEqual(
    shown.map(([, houses, total]) => [houses, total]),
    days.map((day) => [count(day.open_houses), count(day.cumulative)]),
  );
  assert.deepEqual(
    await cells(page, "Top zip codes"),
    zips.map((row) => [row.zip, count(row.open_houses)]),
  );
  assert.equal(await page.locator(".chart svg").count(), 3);
});

test("properties", async () => {
  const [matched] = await insight("properties", "matched");
  const [rate] = await insight("properties", "match_rate");
  const bedrooms = await insight("properties", "bedrooms");
  await show(page, "properties");
  const usd = (value) => `$${count(Math.round(value))}`;
  assert.equal(await stat(page, "Matched properties").textContent(), count(matched.matched_properties));
  assert.equal(await stat(page, "Mean estimated value").textContent(), usd(matched.mean_estimated_value));
  assert.equal(await stat(page, "Median estimated value").textContent(), usd(matched.median_estimated_value));
  await near("Parcels matched", rate.assessor_match_rate);
  await near("Listings matched", rate.listings_match_rate);
  assert.deepEqual(
    await cells(page, "Matched properties by bedrooms"),
    bedrooms.map((row) => [row.bedrooms === null ? "unknown" : String(row.bedrooms), count(row.properties)]),
  );
});

test("links at another threshold", async () => {
  const { weights } = await ask(`{ weights(job: "properties") { weight links expectedRight } }`);
  await show(page, "links?job=properties");
  assert.deepEqual(
    (await cells(page, "Links by match weight")).map(([from, , links]) => [from, links]),
    weights.map((band) => [String(band.weight), count(band.links)]),
  );
  const slider = page.getByRole("slider");
  const middle = weights[Math.floor(weights.length / 2)].weight;
  await slider.fill(String(middle));
  const above = weights.filter((band) => band.weight >= middle);
  const sum = (bands, part) => bands.reduce((total, band) => total + band[part], 0);
  const recall = sum(above, "expectedRight") / sum(weights, "expectedRight");
  assert.equal(await stat(page, "Links").textContent(), count(sum(above, "links")));
  await near("Expected precision", sum(above, "expectedRight") / sum(above, "links"));
  await near("Expected recall", recall);
  await page.getByText(`Links of match weight ${middle} or more`).waitFor({ state: "attached" });
  await settled(page);
  const expected = await ask(
    `query ($least: Float) { links(job: "properties", filter: { minWeight: $least }, first: 25) { nodes { idL idR } } }`,
    { least: middle },
  );
  assert.deepEqual(
    (await cells(page, "Links of match weight")).map((row) => row.slice(0, 2)),
    expected.links.nodes.map(({ idL, idR }) => [idL, idR]),
  );
});

test("links page by page, in both orders", async () => {
  for (const order of ["IDS", "WEIGHT"]) {
    await show(page, `links?job=properties&order=${order}`);
    let after = null;
    for (let turn = 0; turn < 3; turn += 1) {
      const { links } = await ask(
        `query ($order: LinkOrder, $after: String) {
           links(job: "properties", order: $order, first: 25, after: $after) { nodes { idL idR } pageInfo { endCursor } }
         }`,
        { order, after },
      );
      after = links.pageInfo.endCursor;
      assert.deepEqual(
        (await cells(page, "All links")).map((row) => row.slice(0, 2)),
        links.nodes.map(({ idL, idR }) => [idL, idR]),
      );
      await turnTo("Next", turn + 1);
    }
    await turnTo("Previous", 2);
  }
});

async function turnTo(button, place) {
  const pager = page.getByRole("navigation", { name: "Pages of links" });
  await pager.getByRole("button", { name: button }).click();
  await pager.getByText(`rows ${place * 25 + 1}–`).waitFor();
  await settled(page);
}

test("the explorer, from the table of links and from typed ids", async () => {
  await show(page, "links?job=properties&order=WEIGHT");
  await page
    .getByRole("link", { name: /^Explain / })
    .first()
    .click();
  await settled(page);
  const parameters = new URLSearchParams(new URL(page.url()).hash.split("?")[1]);
  await explains(parameters.get("idL"), parameters.get("idR"));

  const { links } = await ask(`{ links(job: "properties", first: 2) { nodes { idL idR } } }`);
  const [idL, idR] = [links.nodes[0].idL, links.nodes[1].idR];
  await page.getByLabel("Left id").fill(idL);
  await page.getByLabel("Right id").fill(idR);
  await page.getByRole("button", { name: "Explain", exact: true }).click();
  await page.locator(".ids", { hasText: idR }).waitFor();
  await settled(page);
  await explains(idL, idR);
});

async function explains(idL, idR) {
  const { explain } = await ask(
    `query ($idL: ID!, $idR: ID!) {
       explain(job: "properties", idL: $idL, idR: $idR) {
         linked decision matchWeight priorWeight steps { comparison level valueL valueR weight }
       }
     }`,
    { idL, idR },
  );
  assert.equal(await page.locator(".decision").textContent(), explain.decision);
  assert.equal(await page.locator(".ids .badge").textContent(), explain.linked ? "linked" : "not linked");
  const sign = (weight) => `${weight < 0 ? "−" : "+"}${Math.abs(weight).toFixed(2)}`;
  assert.equal(await stat(page, "Match weight").textContent(), sign(explain.matchWeight));
  const shown = await cells(page, "Comparisons of the pair");
  assert.deepEqual(
    shown.slice(1, 1 + explain.steps.length).map((row) => row.slice(0, 5)),
    explain.steps.map(({ comparison, valueL, valueR, level, weight }) => [
      comparison,
      valueL ?? "–",
      valueR ?? "–",
      level ?? "–",
      sign(weight),
    ]),
  );
  assert.equal(shown.at(-1)[4], sign(explain.matchWeight));
}

test("an unknown pair says so", async () => {
  await show(page, "explorer?job=properties&idL=no-such&idR=record");
  await page.getByText("has no records").waitFor();
});

test("quarantine by rule, with raw bytes as they are", async () => {
  const query = `query ($rule: String) {
    quarantine(source: "open_houses", rule: $rule, first: 20) { nodes { reason raw } rules { rule rows } }
  }`;
  const { quarantine } = await ask(query);
  await show(page, "quarantine?source=open_houses");
  const rules = await page.getByRole("navigation", { name: "Rules" }).getByRole("link").allTextContents();
  const all = quarantine.rules.reduce((sum, { rows }) => sum + rows, 0);
  assert.deepEqual(rules, [
    `all rules ${count(all)}`,
    ...quarantine.rules.map(({ rule, rows }) => `${rule} ${count(rows)}`),
  ]);
  assert.deepEqual(
    await rawBytes(),
    quarantine.nodes.map(({ raw }) => raw),
  );

  const { rule } = quarantine.rules.at(-1);
  await page.getByRole("link", { name: new RegExp(`^${rule} `) }).click();
  await page.getByRole("heading", { name: `Rows that broke ${rule}` }).waitFor();
  await settled(page);
  const ofRule = (await ask(query, { rule })).quarantine;
  assert.deepEqual(
    await rawBytes(),
    ofRule.nodes.map(({ raw }) => raw),
  );
  const commands = await page.locator(".commands").first().textContent();
  assert.match(commands, new RegExp(`WHERE rule = '?'.*${rule}`));
  assert.match(commands, /lotline run jobs\/open-houses --input open_houses=/);

  const { replay } = await ask(`{ replay(job: "open-houses", source: "open_houses") { rows accepted } }`);
  const preview = await page.locator(".preview").textContent();
  assert.equal(
    preview,
    `By the settings as they are now, ${count(replay.accepted)} of ${count(replay.rows)} rows would pass.`,
  );
});

function rawBytes() {
  return page.locator("pre.raw").evaluateAll((rows) => rows.map((row) => row.textContent));
}

test("runs with ledgers that balance", async () => {
  const { runs } = await ask(`{
    runs(first: 20) {
      nodes { id status published receipt { sources { source read accepted superseded duplicate quarantined } } }
    }
  }`);
  await show(page, "runs");
  for (const run of runs.nodes) {
    const card = page.locator("article", { hasText: run.id });
    const badges = await card.locator(".heading .badge").allTextContents();
    assert.deepEqual(badges, [run.status.toLowerCase(), run.published ? "published" : "not published"]);
    const rows = await card
      .locator("tbody tr")
      .evaluateAll((rows) => rows.map((row) => [...row.cells].map((cell) => cell.textContent)));
    assert.deepEqual(
      rows.map((row) => row.slice(0, 6)),
      (run.receipt?.sources ?? []).map(({ source, ...counts }) => [source, ...Object.values(counts).map(count)]),
    );
    assert.ok(rows.every((row) => row[6].startsWith("balances")));
  }
});

test("tables with their first rows", async () => {
  const { tables } = await ask(`{ tables { name rows columns { name } } }`);
  await show(page, "tables");
  assert.deepEqual(
    await cells(page, "Published tables"),
    tables.map(({ name, rows, columns }) => [name, count(rows), count(columns.length)]),
  );
  for (const { name, columns } of tables) {
    await show(page, `tables?table=${name}`);
    await page.getByRole("heading", { name, exact: true }).waitFor();
    await settled(page);
    const { rows } = await ask(`query ($table: ID!) { rows(table: $table, first: 20) { nodes } }`, { table: name });
    const text = (value) =>
      value === null || value === undefined ? "–" : typeof value === "string" ? value : JSON.stringify(value);
    assert.deepEqual(
      await cells(page, `Rows of ${name}`),
      rows.nodes.map((row) => columns.map((column) => text(JSON.parse(row)[column.name]))),
    );
  }
});
