import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { ask as Ask } from "../src/graphql";

const QUERY = { text: "{ tables { name } }" };

let ask: typeof Ask;
beforeEach(async () => {
  vi.resetModules();
  ({ ask } = await import("../src/graphql"));
});
afterEach(() => vi.unstubAllGlobals());

/** Answers config.json and the endpoint in turn. */
function answers(...responses: readonly (Response | Error)[]) {
  const fetch = vi.fn<typeof globalThis.fetch>();
  for (const response of responses) {
    fetch.mockImplementationOnce(() =>
      response instanceof Error ? Promise.reject(response) : Promise.resolve(response),
    );
  }
  vi.stubGlobal("fetch", fetch);
  return fetch;
}

test("asks the endpoint of config.json with its key, and reads config.json once", async () => {
  const data = { tables: [] };
  const fetch = answers(
    Response.json({ endpoint: "https://a/graphql", apiKey: "k" }),
    Response.json({ data }),
    Response.json({ data }),
  );
  expect(await ask(QUERY, {})).toEqual(data);
  expect(await ask(QUERY, {})).toEqual(data);
  expect(fetch.mock.calls.map(([address]) => address)).toEqual([
    "config.json",
    "https://a/graphql",
    "https://a/graphql",
  ]);
  expect(fetch.mock.calls[1]?.[1]?.headers).toEqual({ "content-type": "application/json", "x-api-key": "k" });
});

test("without config.json the endpoint is beside the page", async () => {
  const fetch = answers(new Response("", { status: 404 }), Response.json({ data: {} }));
  await ask(QUERY, {});
  expect(fetch.mock.calls[1]?.[0]).toBe("graphql");
});

test.each([
  [Response.json({ errors: [{ message: "no", errorType: "NOT_FOUND" }] }), "NOT_FOUND"],
  [Response.json({ errors: [{ message: "no", extensions: { errorType: "LIMIT" } }] }), "LIMIT"],
  [Response.json({ errors: [{ message: "no", extensions: { code: "BAD_REQUEST" } }] }), "BAD_REQUEST"],
  [Response.json({ errors: [{ message: "no" }] }), "INTERNAL"],
  [new Response("bad gateway", { status: 502 }), "HTTP 502"],
  [new TypeError("refused"), "UNREACHABLE"],
])("an answer that does not come has a code", async (response, code) => {
  answers(Response.json({ endpoint: "graphql" }), response);
  await expect(ask(QUERY, {})).rejects.toMatchObject({ code });
});
