// Tables: what is published, and the first rows of it.

import { count, value } from "../format";
import { cursor } from "../paging";
import { Answer } from "../parts/answer";
import { Empty } from "../parts/empty";
import { Pager, usePages } from "../parts/pager";
import { Table } from "../parts/table";
import { Rows, Tables as TablesQuery } from "../queries.gen";
import { href } from "../route";
import { useAsk } from "../use_ask";

const PAGE = 20;

type Row = Readonly<Record<string, unknown>>;
type OneTable = NonNullable<typeof TablesQuery.answer>["tables"][number];

export function Tables({ parameters }: { readonly parameters: URLSearchParams }) {
  const asked = useAsk(TablesQuery, {});
  return (
    <Answer asked={asked} what="tables">
      {({ tables }) => {
        if (tables.length === 0) {
          return (
            <Empty commands={["lotline demo", "lotline run jobs/open-houses --input open_houses=events.json"]}>
              No table is published yet. Make some with:
            </Empty>
          );
        }
        const chosen = tables.find(({ name }) => name === parameters.get("table"));
        return (
          <>
            <List tables={tables} chosen={chosen} />
            {chosen !== undefined && <Chosen key={chosen.name} table={chosen} />}
          </>
        );
      }}
    </Answer>
  );
}

function List({ tables, chosen }: { readonly tables: readonly OneTable[]; readonly chosen: OneTable | undefined }) {
  return (
    <section aria-labelledby="tables-title" class="card">
      <h2 id="tables-title">Published tables</h2>
      <Table
        caption="Published tables"
        hideCaption
        rows={tables}
        columns={[
          {
            head: "Table",
            cell: ({ name }) => (
              <a
                class="name"
                href={href("tables", { table: name })}
                aria-current={name === chosen?.name ? "true" : undefined}
              >
                {name}
              </a>
            ),
          },
          { head: "Rows", kind: "number", cell: ({ rows }) => count(rows) },
          { head: "Columns", kind: "number", cell: ({ columns }) => count(columns.length) },
        ]}
      />
    </section>
  );
}

function Chosen({ table }: { readonly table: OneTable }) {
  const [pages, turn] = usePages(table.name);
  const asked = useAsk(Rows, { table: table.name, first: PAGE, after: cursor(pages) });
  return (
    <section aria-labelledby="rows-title" class="card">
      <h2 id="rows-title">{table.name}</h2>
      <p class="hint location">
        {table.location}
        {table.digest !== null && <>, digest {table.digest}</>}
      </p>
      <details>
        <summary>{count(table.columns.length)} columns</summary>
        <Table
          caption={`Columns of ${table.name}`}
          rows={table.columns}
          columns={[
            { head: "Column", kind: "code", cell: ({ name }) => name },
            { head: "Type", kind: "code", cell: ({ type }) => type },
          ]}
        />
      </details>
      <Answer asked={asked} what="rows">
        {({ rows }) => (
          <>
            <Cells table={table} rows={rows.nodes} />
            <Pager what="rows" pages={pages} info={rows.pageInfo} size={PAGE} rows={rows.nodes.length} turn={turn} />
          </>
        )}
      </Answer>
    </section>
  );
}

function Cells({ table, rows }: { readonly table: OneTable; readonly rows: readonly string[] }) {
  const parsed = rows.map((row) => JSON.parse(row) as Row);
  const numeric = (type: string) => /^(tinyint|smallint|int|integer|bigint|float|double|decimal)/.test(type);
  return (
    <Table
      caption={`Rows of ${table.name}`}
      hideCaption
      rows={parsed}
      columns={table.columns.map(({ name, type }) => ({
        head: name,
        cell: (row: Row) => <span class="cell">{value(row[name])}</span>,
        ...(numeric(type) ? { kind: "number" as const } : {}),
      }))}
    />
  );
}
