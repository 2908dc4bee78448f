// The pages ask only what the schema answers.

import { readFileSync } from "node:fs";
import { type GraphQLSchema, parse, validate } from "graphql";
import { expect, test } from "vitest";
import type { Query } from "../src/graphql";
import * as queries from "../src/queries.gen";
// @ts-expect-error: a plain module without types
import { schema } from "../scripts/schema.mjs";

const named = Object.entries(queries) as unknown as readonly [string, Query<unknown, unknown>][];

test.each(named)("%s is valid against infra/schema.graphql", (_name, query) => {
  expect(validate(schema as GraphQLSchema, parse(query.text))).toEqual([]);
});

test("every query of the source is among them", () => {
  const source = readFileSync(new URL("../src/queries.graphql", import.meta.url), "utf8");
  expect(named.map(([name]) => name)).toEqual(
    [...source.matchAll(/^(?:query|mutation) (\w+)/gm)].map((found) => found[1]),
  );
});
