// Writes src/queries.gen.ts: every query of src/queries.graphql, checked against the schema, with TypeScript types of its
// variables and of its answer; and src/schema.gen.ts: the schema as text.

import { readFileSync, writeFileSync } from "node:fs";
import {
  getNamedType,
  getOperationAST,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  parse,
  print,
  printSchema,
  typeFromAST,
  validate,
} from "graphql";
import { schema } from "./schema.mjs";

const SCALARS = new Map([
  ["Boolean", "boolean"],
  ["Float", "number"],
  ["Int", "number"],
  ["AWSDateTime", "string"],
  ["AWSJSON", "string"],
  ["AWSURL", "string"],
  ["ID", "string"],
  ["String", "string"],
]);

const source = new URL("../src/queries.graphql", import.meta.url);
const target = new URL("../src/queries.gen.ts", import.meta.url);

const document = parse(readFileSync(source, "utf8"));
const errors = validate(schema, document);
if (errors.length > 0) {
  throw new Error(errors.map((error) => error.toString()).join("\n\n"));
}
writeFileSync(target, [header(), ...document.definitions.map(constant)].join("\n"));
writeFileSync(
  new URL("../src/schema.gen.ts", import.meta.url),
  `// Written by scripts/types.mjs from infra/schema.graphql.\n\nexport const SDL = ${JSON.stringify(printSchema(schema))};\n`,
);

function header() {
  return `// Written by scripts/types.mjs from queries.graphql and infra/schema.graphql.\n\nimport type { Query } from "./graphql";\n`;
}

/** One operation as a constant of its name. */
function constant(definition) {
  const operation = getOperationAST({ kind: "Document", definitions: [definition] });
  const root = schema.getRootType(operation.operation);
  const answer = answered(root, operation.selectionSet);
  const name = operation.name.value;
  return `export const ${name}: Query<${answer}, ${variables(operation)}> = {\n  text: ${JSON.stringify(print(definition))},\n};\n`;
}

function variables(operation) {
  const field = (definition) =>
    member(definition.variable.name.value, typeFromAST(schema, definition.type), (type) => scalar(type));
  const members = operation.variableDefinitions.map(field);
  return members.length === 0 ? "Record<string, never>" : object(members);
}

function answered(type, selectionSet) {
  const field = (selection) => {
    const found = type.getFields()[selection.name.value].type;
    return `readonly ${(selection.alias ?? selection.name).value}: ${shape(found, (inner) => named(inner, selection))}`;
  };
  return object(selectionSet.selections.map(field));
}

function named(type, selection) {
  return isObjectType(type) ? answered(type, selection.selectionSet) : scalar(type);
}

function scalar(type) {
  if (isEnumType(type)) {
    return type
      .getValues()
      .map((value) => JSON.stringify(value.name))
      .join(" | ");
  }
  if (isInputObjectType(type)) {
    return object(Object.values(type.getFields()).map((field) => member(field.name, field.type, scalar)));
  }
  return SCALARS.get(type.name);
}

/** A variable or a field of an input, which may be left out where it may be null. */
function member(name, type, inner) {
  return `readonly ${name}${isNonNullType(type) ? "" : "?"}: ${shape(type, inner)}`;
}

/** A type with its lists and its null around what `inner` makes of the named type. */
function shape(type, inner) {
  if (isNonNullType(type)) {
    return bare(type.ofType, inner);
  }
  return `${bare(type, inner)} | null`;
}

function bare(type, inner) {
  return isListType(type) ? `readonly (${shape(type.ofType, inner)})[]` : inner(getNamedType(type));
}

function object(members) {
  return `{ ${members.join("; ")} }`;
}
