// A small lake in memory: what a demo leaves behind, and runs that failed or are not done.

import { draws } from "./draws.mjs";
import { explain, records, THRESHOLD } from "./records.mjs";

const NAUGHTY = [
  '<script>document.title = "broken"</script><img src=x onerror=alert(1)>',
  "مرحبا ‮reversed‬ and ‏right to left",
  "Ω≈ç√∫ ８ﾟｷ 👩‍👩‍👧 Z̗͔a̦l͙g̮o",
  "tab\there, \u0001 control, 'quote' \"double\" \\ ${{7*7}} {{constructor}}",
  " leading and trailing space  \r\n second line",
];

export const { parcels, listings } = records(900);

const byParcel = new Map(parcels.map((parcel) => [parcel.id, parcel]));

/** Links in the order of their ids. */
export const links = listings
  .map((listing, place) => ({ ...explain(byParcel.get(listing.parcel), listing), matchKey: place % 7 }))
  .filter((link) => link.matchProbability >= THRESHOLD)
  .map(({ idL, idR, matchKey, matchWeight, matchProbability }) => ({
    idL,
    idR,
    matchKey,
    matchWeight,
    matchProbability,
  }))
  .sort((a, b) => (a.idL < b.idL ? -1 : 1));

const days = (() => {
  const draw = draws(5);
  let cumulative = 0;
  return Array.from({ length: 28 }, (_, place) => {
    const day = new Date(Date.UTC(2023, 2, 24 + place));
    const weekend = [0, 6].includes(day.getUTCDay());
    const open_houses = draw.whole(220, 320) + (weekend ? draw.whole(80, 160) : 0);
    cumulative += open_houses;
    return { day: day.toISOString().slice(0, 10), open_houses, cumulative };
  });
})();

const values = listings.map(({ value }) => value).sort((a, b) => a - b);
const bedrooms = [1, 2, 3, 4, 5].map((number) => ({
  bedrooms: number,
  properties: links.filter(({ idL }) => byParcel.get(idL).beds === number).length,
}));

export const insights = {
  "open-houses": {
    busiest_week: [{ week_start: "2023-03-27", open_houses: days.slice(3, 10).reduce((n, d) => n + d.open_houses, 0) }],
    daily_cumulative: days,
    top_zips: ["94067", "94040", "94021", "94103", "89109"].map((zip, place) => ({
      zip,
      open_houses: 512 - place * 37,
    })),
  },
  properties: {
    bedrooms: [...bedrooms, { bedrooms: null, properties: 3 }],
    match_rate: [
      {
        links: links.length,
        assessor_match_rate: links.length / parcels.length,
        listings_match_rate: links.length / listings.length,
      },
    ],
    matched: [
      {
        matched_properties: links.length,
        mean_estimated_value: values.reduce((sum, value) => sum + value, 0) / values.length,
        median_estimated_value: values[values.length >> 1],
      },
    ],
  },
};

const EVENTS = "data/openhouses.json";

export const quarantine = {
  open_houses: Array.from({ length: 87 }, (_, place) => {
    const rule = place % 5 < 3 ? "required" : "utc_only";
    const record = {
      OpenHouseKey: rule === "required" ? null : "0cf351b93b4a1b66cba379d49a1f26f0",
      OpenHouseStartTime: rule === "required" ? "2023-04-13T20:30:00.000Z" : "01:30",
      OpenHouseMethod: NAUGHTY[place] ?? "In Person",
    };
    return {
      file: EVENTS,
      rowNumber: 202 + place * 31,
      byteOffset: 66_133 + place * 10_211,
      column: rule === "required" ? "open_house_key" : "open_house_start_time",
      rule,
      reason:
        rule === "required"
          ? "found null, expected a value"
          : "found `01:30`, expected a timestamp such as `2023-04-01T23:00:00Z`",
      raw: place < NAUGHTY.length ? NAUGHTY[place] : JSON.stringify(record),
    };
  }),
  assessor: [],
  listings: [],
};

const good = (source, read) => ({
  source,
  read,
  accepted: read,
  superseded: 0,
  duplicate: 0,
  quarantined: 0,
  overLimit: false,
});
const houses = days.at(-1).cumulative;
const events = {
  source: "open_houses",
  read: houses + 542 + 1328 + 87,
  accepted: houses,
  superseded: 542,
  duplicate: 1328,
  quarantined: 87,
  overLimit: false,
};

function run(ticket, job, id, more) {
  return {
    id: `${job}-${id}`,
    job,
    ticket,
    status: "SUCCEEDED",
    published: false,
    receipt: null,
    error: null,
    ...more,
  };
}

function receipt(job, id, sources, more) {
  return {
    runId: `${job}-${id}`,
    job,
    resultDigest: "9c89cf43d8006a57aa9e6fd5b242373c71ee067216e9ea25f4f1eefc5bc233f5",
    sources,
    pairsCompared: null,
    links: null,
    warnings: [],
    elapsedS: 0.433160915,
    peakRssBytes: 39010304,
    usdEstimate: 0.0003453245055978382,
    usdPerMillionRecords: 0.03453245055978382,
    ...more,
  };
}

const linking = {
  pairsCompared: 43090,
  links: links.length,
  warnings: ["every blocking rule fixes comparison `direction`; its m probabilities are assumed"],
  elapsedS: 1.562361815,
  peakRssBytes: 34086912,
  usdEstimate: 0.0010468401742550237,
  usdPerMillionRecords: 0.43618340593959315,
};
const sides = [good("assessor", parcels.length), good("listings", listings.length)];

/** The last one first. */
export const runs = [
  run(5, "open-houses", "5b1f20aa9e6fd5b2", { status: "RUNNING" }),
  run(4, "open-houses", "f1749f8b65c3e345", {
    published: true,
    receipt: receipt("open-houses", "f1749f8b65c3e345", [events]),
  }),
  run(3, "open-houses", "0aa41e22b70913cd", {
    status: "FAILED",
    error: "Lotline.BadInput: file `data/poison.json` is no array of objects",
  }),
  run(2, "properties", "6468e9dc3fcb4bde", {
    published: true,
    receipt: receipt("properties", "6468e9dc3fcb4bde", sides, linking),
  }),
  run(1, "open-houses", "77d0c2f1a9b4e583", {
    receipt: receipt("open-houses", "77d0c2f1a9b4e583", [
      { ...events, quarantined: 900, accepted: houses - 813, overLimit: true },
    ]),
  }),
];

const eventRows = Array.from({ length: 60 }, (_, place) => ({
  open_house_key: `0cf351b93b4a1b66cba379d49a1f${String(place).padStart(4, "0")}`,
  open_house_date: days[place % days.length].day,
  zipcode: place % 9 === 0 ? null : "94067",
  open_house_method: NAUGHTY[place] ?? "In Person",
}));
const linkRows = links.map((link) => ({
  id_l: link.idL,
  id_r: link.idR,
  match_key: link.matchKey,
  match_weight: link.matchWeight,
  match_probability: link.matchProbability,
}));

function table(name, rows, total, types) {
  const columns = Object.keys(types).map((column) => ({ name: column, type: types[column] }));
  return {
    name,
    rows: total,
    location: `lake/curated/${name}/part-00000.parquet`,
    digest: null,
    columns,
    stored: rows,
  };
}

const recordTypes = {
  id: "string",
  house: "string",
  street: "string",
  suffix: "string",
  unit: "string",
  zip: "string",
  owner: "string",
  sqft: "bigint",
  beds: "bigint",
  value: "double",
};
const linkTypes = {
  id_l: "string",
  id_r: "string",
  match_key: "int",
  match_weight: "double",
  match_probability: "double",
};
const eventTypes = {
  open_house_key: "string",
  open_house_date: "date",
  zipcode: "string",
  open_house_method: "string",
};
const asideTypes = { file: "string", rowNumber: "bigint", column: "string", rule: "string", reason: "string" };

export const tables = [
  table("assessor", parcels, parcels.length, recordTypes),
  table("assessor_quarantine", [], 0, asideTypes),
  table("listings", listings, listings.length, recordTypes),
  table("listings_quarantine", [], 0, asideTypes),
  table("open_houses", eventRows, houses, eventTypes),
  table("open_houses_quarantine", quarantine.open_houses, 87, asideTypes),
  table("properties_links", linkRows, links.length, linkTypes),
];
