import { expect, test } from "vitest";
import { above, probability, range } from "../src/threshold";

const BANDS = [
  { weight: -2, links: 4, expectedRight: 1 },
  { weight: 3, links: 10, expectedRight: 9 },
  { weight: 7, links: 30, expectedRight: 30 },
];

test("at the least threshold everything is a link", () => {
  expect(above(BANDS, -2)).toEqual({ links: 44, expectedRight: 40, precision: 40 / 44, recall: 1 });
});

test("a band is above a threshold that it starts at", () => {
  expect(above(BANDS, 3)).toEqual({ links: 40, expectedRight: 39, precision: 39 / 40, recall: 39 / 40 });
  expect(above(BANDS, 4)).toEqual({ links: 30, expectedRight: 30, precision: 1, recall: 0.75 });
});

test("without links there is no precision, without bands no recall", () => {
  expect(above(BANDS, 8)).toEqual({ links: 0, expectedRight: 0, precision: null, recall: 0 });
  expect(above([], 0)).toEqual({ links: 0, expectedRight: 0, precision: null, recall: null });
});

test("the slider goes from all links to none", () => {
  expect(range(BANDS)).toEqual({ least: -2, most: 8 });
  expect(range([])).toEqual({ least: 0, most: 0 });
});

test("raising the threshold never adds links nor recall", () => {
  const steps = [-2, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8].map((threshold) => above(BANDS, threshold));
  steps.slice(1).forEach((step, place) => {
    expect(step.links).toBeLessThanOrEqual(steps[place]?.links ?? 0);
    expect(step.recall).toBeLessThanOrEqual(steps[place]?.recall ?? 0);
  });
});

test("match weights are log2 odds", () => {
  expect([0, 1, -1].map(probability)).toEqual([0.5, 2 / 3, 1 / 3]);
});
