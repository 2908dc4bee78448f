import { expect, test } from "vitest";
import { href, parseRoute } from "../src/route";

test("addresses are read as they were made", () => {
  const ids = { job: "properties", idL: "a&b=c?d#e/f", idR: "100% ü" };
  const { view, parameters } = parseRoute(href("explorer", ids));
  expect(view).toBe("explorer");
  expect(Object.fromEntries(parameters)).toEqual(ids);
});

test("what is not given is left out", () => {
  expect(href("links", { job: "properties", order: undefined, threshold: "" })).toBe("#/links?job=properties");
  expect(href("runs")).toBe("#/runs");
  expect(parseRoute("").view).toBe("");
});
