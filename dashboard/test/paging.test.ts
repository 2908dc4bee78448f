import { expect, test } from "vitest";
import { back, cursor, FIRST_PAGE, forward, shown } from "../src/paging";

const more = (endCursor: string) => ({ hasNextPage: true, endCursor });

test("pages forward and back end where they began", () => {
  const second = forward(FIRST_PAGE, more("a"));
  const third = forward(second, more("b"));
  expect([FIRST_PAGE, second, third].map(cursor)).toEqual([null, "a", "b"]);
  expect(back(third)).toEqual(second);
  expect(back(back(third))).toEqual(FIRST_PAGE);
  expect(back(FIRST_PAGE)).toEqual(FIRST_PAGE);
});

test("there is nothing after the last page", () => {
  const second = forward(FIRST_PAGE, more("a"));
  expect(forward(second, { hasNextPage: false, endCursor: "b" })).toBe(second);
  expect(forward(second, { hasNextPage: true, endCursor: null })).toBe(second);
});

test("rows are counted from one", () => {
  expect(shown(FIRST_PAGE, 25, 25)).toBe("rows 1–25");
  expect(shown(["a", "b"], 25, 7)).toBe("rows 51–57");
  expect(shown(FIRST_PAGE, 25, 0)).toBe("no rows");
});
