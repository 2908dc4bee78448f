// Answers to every query of the pages, from the lake in memory.

import { GraphQLError } from "graphql";
import { insights, links, listings, parcels, quarantine, runs, tables } from "./lake.mjs";
import { explain as weigh, THRESHOLD_WEIGHT } from "./records.mjs";

const MOST_ROWS = 1000;

function refuse(errorType, message) {
  return new GraphQLError(message, { extensions: { errorType } });
}

/** A page of a list; cursors say how many rows came before. */
function page(list, { first = 100, after }) {
  if (first < 1 || first > MOST_ROWS) {
    throw refuse("LIMIT", `\`first\` is ${first}, expected 1 to ${MOST_ROWS}`);
  }
  const start = after == null ? 0 : Number(Buffer.from(after, "base64").toString());
  if (!Number.isInteger(start)) {
    throw refuse("BAD_REQUEST", `\`after\` is no cursor: \`${after}\``);
  }
  const nodes = list.slice(start, start + first);
  const end = start + nodes.length;
  const endCursor = nodes.length === 0 ? null : Buffer.from(String(end)).toString("base64");
  return { nodes, pageInfo: { hasNextPage: end < list.length, endCursor } };
}

function linksOf(job) {
  if (job !== "properties") {
    throw refuse("NOT_FOUND", `no job \`${job}\` has published links`);
  }
  return links;
}

function json(rows) {
  return rows.map((row) => JSON.stringify(row));
}

export function answers() {
  const labels = new Map();
  const pair = ({ idL, idR }) => `${idL} ${idR}`;
  return {
    summary({ job }) {
      const run = runs.find((run) => run.job === job && run.published);
      if (run === undefined) {
        return null;
      }
      const rows = Object.entries(insights[job] ?? {});
      return { job, runId: run.id, tables, insights: rows.map(([name, rows]) => ({ name, rows: json(rows) })) };
    },
    insight({ job, name }) {
      const rows = insights[job]?.[name];
      return rows === undefined ? null : { name, rows: json(rows) };
    },
    weights({ job }) {
      const bands = new Map();
      for (const { matchWeight, matchProbability } of linksOf(job)) {
        const weight = Math.floor(matchWeight);
        const band = bands.get(weight) ?? { weight, links: 0, expectedRight: 0 };
        bands.set(weight, {
          weight,
          links: band.links + 1,
          expectedRight: band.expectedRight + matchProbability,
        });
      }
      return [...bands.values()].sort((a, b) => a.weight - b.weight);
    },
    links({ job, filter, order, ...paging }) {
      const least = filter?.minWeight ?? -Infinity;
      const kept = linksOf(job).filter((link) => link.matchWeight >= least);
      return page(order === "WEIGHT" ? kept.sort((a, b) => a.matchWeight - b.matchWeight) : kept, paging);
    },
    explain({ job, idL, idR }) {
      const linked = linksOf(job).some((link) => link.idL === idL && link.idR === idR);
      const left = parcels.find(({ id }) => id === idL);
      const right = listings.find(({ id }) => id === idR);
      return left === undefined || right === undefined ? null : explanation(left, right, linked);
    },
    labelQueue({ job, first }) {
      const unsure = (link) => Math.abs(link.matchProbability - 0.5);
      const open = linksOf(job).filter((link) => !labels.has(pair(link)));
      return open.sort((a, b) => unsure(a) - unsure(b)).slice(0, first);
    },
    labels(paging) {
      const sorted = [...labels.entries()].sort(([a], [b]) => (a < b ? -1 : 1));
      return page(
        sorted.map(([, label]) => label),
        paging,
      );
    },
    label({ idL, idR, verdict, by }) {
      const label = { idL, idR, verdict, by: by ?? "local", at: new Date().toISOString() };
      labels.set(pair(label), label);
      return label;
    },
    quarantine({ source, rule, ...paging }) {
      const rows = quarantine[source];
      if (rows === undefined) {
        throw refuse("NOT_FOUND", `no source \`${source}\``);
      }
      const names = [...new Set(rows.map((row) => row.rule))].sort();
      const rules = names.map((name) => ({ rule: name, rows: rows.filter((row) => row.rule === name).length }));
      return { ...page(rule == null ? rows : rows.filter((row) => row.rule === rule), paging), rules };
    },
    runs({ job, ...paging }) {
      return page(job == null ? runs : runs.filter((run) => run.job === job), paging);
    },
    tables,
    rows({ table, ...paging }) {
      const found = tables.find(({ name }) => name === table);
      if (found === undefined) {
        throw refuse("NOT_FOUND", `no table \`${table}\``);
      }
      return page(json(found.stored), paging);
    },
  };
}

function explanation(left, right, linked) {
  const { interactions, ...found } = weigh(left, right);
  const reaches = found.matchWeight >= THRESHOLD_WEIGHT;
  const place = reaches ? "reaches" : `is ${(THRESHOLD_WEIGHT - found.matchWeight).toFixed(2)} below`;
  const why = linked ? "linked" : reaches ? "not linked: a rival has the record" : "not linked: never compared";
  const decision = `${why}\nmatch weight ${found.matchWeight.toFixed(2)} ${place} the threshold ${THRESHOLD_WEIGHT.toFixed(2)}`;
  const waterfall = JSON.stringify({ explanation: { threshold_weight: THRESHOLD_WEIGHT, interactions } });
  return { ...found, linked, decision, waterfall };
}
