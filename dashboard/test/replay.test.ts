import { expect, test } from "vitest";
import { look, runAgain, runAgainOnAws } from "../src/replay";

const JOB = { job: "properties", sources: ["assessor", "listings"] };

test("rows are looked at by rule", () => {
  const aside = { source: "listings", files: [] };
  expect(look({ ...aside, rule: null })).toBe(
    'lotline sql "SELECT file, row_number, reason, raw FROM listings_quarantine"',
  );
  expect(look({ ...aside, rule: "it's" })).toContain(`WHERE rule = 'it''s'"`);
  expect(look({ ...aside, rule: "$HOME" })).toContain(String.raw`WHERE rule = '\''$HOME'\'''`);
});

test("all sources of the job are read again, those of unknown files as FILE", () => {
  const aside = { source: "listings", rule: null, files: ["part 1.csv", "part2.csv"] };
  expect(runAgain(aside, JOB)).toBe(
    'lotline run jobs/properties --input assessor=FILE --input "listings=part 1.csv" --input listings=part2.csv',
  );
  expect(runAgain(aside, undefined)).toContain("jobs/JOB");
  expect(runAgainOnAws(JOB)).toEqual([
    "lotline-aws settings push jobs/properties --stack lotline",
    "lotline-aws runs start properties --stack lotline",
  ]);
});
