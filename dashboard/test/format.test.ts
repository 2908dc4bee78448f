import { describe, expect, test } from "vitest";
import { bytes, cost, count, date, NONE, percent, seconds, time, usd, value, weight } from "../src/format";

test("numbers have thousands apart and no fraction", () => {
  expect(count(1492030)).toBe("1,492,030");
  expect(usd(420420.32)).toBe("$420,420");
  expect([count(null), usd(null), percent(null), seconds(null), bytes(null)]).toEqual(Array(5).fill(NONE));
});

describe("a share", () => {
  test.each([
    [0, "0.0%"],
    [1, "100.0%"],
    [0.8016, "80.2%"],
    [0.9996, "99.96%"],
    [0.99999, "99.999%"],
    [0.0004, "0.04%"],
    [1 - 1e-12, "100.00000%"],
  ])("%f is %s", (share, words) => expect(percent(share)).toBe(words));
});

test("a match weight has its sign", () => {
  expect([3.365, -10.2276, 0].map(weight)).toEqual(["+3.37", "−10.23", "+0.00"]);
});

test("costs keep two digits that say something", () => {
  expect([0, 0.0003453, 0.4361, 12.5].map(cost)).toEqual(["$0", "$0.00035", "$0.44", "$12.50"]);
});

test("a day is the same day everywhere; what is no date stays", () => {
  expect(date("2023-03-27")).toBe("Mar 27, 2023");
  expect(date("soon")).toBe("soon");
  expect(time("2026-11-22T00:04:19Z")).toBe("Nov 22, 2026, 12:04 AM UTC");
});

test("times and sizes have their units", () => {
  expect([0.433, 59.94, 125].map(seconds)).toEqual(["0.4 s", "59.9 s", "2 min 5 s"]);
  expect([999, 39010304, 2.4e9].map(bytes)).toEqual(["999 bytes", "39 MB", "2 GB"]);
});

test("values of rows are shown as they are", () => {
  expect(["", " a ", 3, true, null, undefined, ["x"]].map(value)).toEqual([
    "",
    " a ",
    "3",
    "true",
    NONE,
    NONE,
    '["x"]',
  ]);
});
