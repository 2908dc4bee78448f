// The schema of infra/schema.graphql, with what AppSync adds to every schema before it.

import { readFileSync } from "node:fs";
import { buildSchema } from "graphql";

const PRELUDE = `
scalar AWSDateTime
scalar AWSJSON
scalar AWSURL
directive @aws_iam on OBJECT | FIELD_DEFINITION
directive @aws_api_key on OBJECT | FIELD_DEFINITION
`;

const file = new URL("../../infra/schema.graphql", import.meta.url);

export const schema = buildSchema(PRELUDE + readFileSync(file, "utf8"));
