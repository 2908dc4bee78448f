import { expect, test } from "vitest";
import { bars, details, type Step } from "../src/waterfall";

const step = (comparison: string, weight: number, termFrequencyWeight = 0): Step => ({
  comparison,
  level: "exact",
  valueL: "a",
  valueR: "a",
  weight,
  termFrequencyWeight,
});

test("every bar starts where the one before it ends, and the last is the sum", () => {
  const steps = [step("house", 8), step("street", 4, -1.5), step("zip", -6)];
  const found = bars(-10, steps, [{ comparisons: ["house", "zip"], weight: 0.5 }], -5);
  expect(found.map(({ name, from, to }) => [name, from, to])).toEqual([
    ["prior", 0, -10],
    ["house", -10, -2],
    ["street", -2, 2],
    ["street: frequency", 2, 0.5],
    ["zip", 0.5, -5.5],
    ["house × zip", -5.5, -5],
    ["match weight", 0, -5],
  ]);
});

test("what lotline explain --json says beyond the schema is read where it is there", () => {
  const interactions = [{ comparisons: ["a", "b"], weight: 1 }];
  const waterfall = JSON.stringify({ explanation: { threshold_weight: 3.17, interactions } });
  expect(details(waterfall)).toEqual({ thresholdWeight: 3.17, interactions });
  expect(details("{}")).toEqual({ thresholdWeight: null, interactions: [] });
});
