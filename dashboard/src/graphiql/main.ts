// GraphiQL over the endpoint that config.json names, with everything it needs from this host.

import "graphiql/setup-workers/vite";
import "graphiql/style.css";
import "./style.css";
import { GraphiQL } from "graphiql";
import type { GraphiQLProps } from "graphiql";
import { buildSchema } from "graphql";
import type { ExecutionResult } from "graphql";
import { createElement } from "react";
import { createRoot } from "react-dom/client";
import { post } from "../graphql";
import { SDL } from "../schema.gen";

const FIRST_QUERY = `# Ctrl-Space completes, Ctrl-Enter asks.
# The book at the left has every field.

{
  tables {
    name
    rows
  }
}
`;

const fetcher: GraphiQLProps["fetcher"] = async (parameters, options) => {
  const response = await post(parameters, { headers: options?.headers });
  return (await response.json()) as ExecutionResult;
};

const root = document.getElementById("graphiql");
if (root !== null) {
  // The schema comes with the page, as AppSync tells nobody its own.
  const schema = buildSchema(SDL);
  createRoot(root).render(createElement(GraphiQL, { fetcher, schema, defaultQuery: FIRST_QUERY }));
}
