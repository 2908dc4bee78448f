// Parcels and listings with some noise between them, and how a pair of them is weighed.

import { draws } from "./draws.mjs";

const STREETS = ["MOUNT VERNON", "GEORGIA", "GARFIELD", "FULTON", "ADAMS", "COLORADO", "SAN PABLO", "DEVON", "MEADOW"];
const SUFFIXES = ["RD", "AVE", "ST", "DR", "BLVD"];
const FIRST = ["SANDRA", "DENNIS", "OLIVIA", "BETTY", "AHMED", "FRANK", "DIANE", "SCOTT", "MARÍA", "NGỌC"];
const LAST = ["SANTIAGO", "VEGA", "HENDERSON", "GREEN", "WONG", "DUNN", "REED", "HARPER", "O'NEIL", "RUIZ"];
const ZIPS = ["89103", "94067", "94040", "94021", "89109", "94103"];

export const PRIOR = -10.227615943414223;
export const THRESHOLD = 0.9;
export const THRESHOLD_WEIGHT = Math.log2(THRESHOLD / (1 - THRESHOLD));

/** Levels from the strictest one, each with its weight; the last weight is that of values at none of them. */
const COMPARISONS = [
  {
    name: "house",
    levels: [
      ["exact", 8.2886, same],
      ["range_near:8", 1.12, near(8)],
    ],
    none: -7.5309,
  },
  {
    name: "street",
    levels: [
      ["exact", 4.641, same],
      ["jaro_winkler:0.88", 2.93, starts],
    ],
    none: -4.8,
  },
  { name: "suffix", levels: [["exact", 2.8038, same]], none: -4.1 },
  { name: "unit", levels: [["exact", 5.0641, same]], none: -3.2 },
  { name: "zip", levels: [["exact", 4.8725, same]], none: -6.7 },
  {
    name: "owner",
    levels: [
      ["exact", 9.7939, same],
      ["last", 4.2, last],
    ],
    none: -5.05,
  },
  {
    name: "sqft",
    levels: [
      ["exact", 6.1, same],
      ["percent:5", 3.5528, within(0.05)],
    ],
    none: -4.4,
  },
  { name: "beds", levels: [["exact", 2.0072, same]], none: -3 },
  { name: "value", levels: [["percent:20", 2.2425, within(0.2)]], none: -1.9 },
];

function same(left, right) {
  return left === right;
}
function near(most) {
  return (left, right) => Math.abs(Number(left) - Number(right)) <= most;
}
function within(share) {
  return (left, right) => Math.abs(left - right) <= share * Math.max(left, right);
}
function starts(left, right) {
  return left.slice(0, 5) === right.slice(0, 5);
}
function last(left, right) {
  return left.split(" ").at(-1) === right.split(" ").at(-1);
}

/** So many parcels, most with a listing, in the order of their ids. */
export function records(count) {
  const draw = draws(11);
  const parcels = Array.from({ length: count }, (_, place) => parcel(draw, place));
  const listed = parcels.filter(() => draw.share() < 0.82);
  return { parcels, listings: listed.map((parcel, place) => listing(draw, parcel, place)) };
}

function parcel(draw, place) {
  const id = String(100_000_000 + place * 1_234_567)
    .match(/.../g)
    .join("-");
  return {
    id,
    house: String(draw.whole(100, 4000)),
    street: draw.one(STREETS),
    suffix: draw.one(SUFFIXES),
    unit: draw.share() < 0.25 ? `${draw.whole(1, 9)}${draw.one(["A", "B", "C"])}` : null,
    zip: draw.one(ZIPS),
    owner: `${draw.one(FIRST)} ${draw.one(LAST)}`,
    sqft: draw.whole(700, 4200),
    beds: draw.whole(1, 5),
    value: draw.whole(1800, 9000) * 100,
  };
}

function listing(draw, parcel, place) {
  const noisy = (share, value, other) => (draw.share() < share ? other(value) : value);
  return {
    ...parcel,
    id: `ML${String(100_000 + place * 7919).padStart(7, "0")}`,
    parcel: parcel.id,
    house: noisy(0.12, parcel.house, (house) => String(Number(house) + draw.whole(3, 40))),
    street: noisy(0.15, parcel.street, (street) => `${street.slice(0, -1)}X`),
    unit: noisy(0.3, parcel.unit, () => null),
    zip: noisy(0.06, parcel.zip, () => "94999"),
    owner: noisy(0.3, parcel.owner, () => null),
    sqft: noisy(0.5, parcel.sqft, (sqft) => Math.round(sqft * (0.94 + draw.share() * 0.1))),
    beds: noisy(0.1, parcel.beds, () => null),
    value: Math.round(parcel.value * (0.8 + draw.share() * 0.5)),
  };
}

/** What `explain` answers of two records. */
export function explain(left, right) {
  const steps = COMPARISONS.map((comparison) => step(comparison, left, right));
  const interactions = steps.some((step) => step.comparison === "sqft" && step.level === "exact")
    ? [{ comparisons: ["sqft", "beds"], weight: -0.42 }]
    : [];
  const added = [...steps.map((step) => step.weight + step.termFrequencyWeight), ...interactions.map((i) => i.weight)];
  const matchWeight = added.reduce((sum, weight) => sum + weight, PRIOR);
  const matchProbability = 1 / (1 + 2 ** -matchWeight);
  return { idL: left.id, idR: right.id, priorWeight: PRIOR, steps, interactions, matchWeight, matchProbability };
}

function step({ name, levels, none }, left, right) {
  const [valueL, valueR] = [left[name], right[name]];
  const missing = valueL === null || valueR === null;
  const reached = missing ? undefined : levels.find(([, , agrees]) => agrees(valueL, valueR));
  const common = name === "street" && reached?.[0] === "exact" ? (STREETS.indexOf(valueL) - 4) * 0.31 : 0;
  return {
    comparison: name,
    level: missing ? null : (reached?.[0] ?? "else"),
    valueL: valueL === null ? null : String(valueL),
    valueR: valueR === null ? null : String(valueR),
    weight: missing ? 0 : (reached?.[1] ?? none),
    termFrequencyWeight: common,
  };
}
