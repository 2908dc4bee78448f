// Runs: what each did, whether readers see it, and what it cost.

import { bytes, cost, count, seconds } from "../format";
import { cursor } from "../paging";
import { Answer } from "../parts/answer";
import { Empty } from "../parts/empty";
import { Pager, usePages } from "../parts/pager";
import { Stats } from "../parts/stats";
import { Table } from "../parts/table";
import { Runs as RunsQuery } from "../queries.gen";
import { useAsk } from "../use_ask";

const PAGE = 20;

type Run = NonNullable<typeof RunsQuery.answer>["runs"]["nodes"][number];
type Receipt = NonNullable<Run["receipt"]>;
type Ledger = Receipt["sources"][number];

const STATUS = { RUNNING: "running", SUCCEEDED: "succeeded", FAILED: "failed" } as const;
const TONE = { RUNNING: "badge", SUCCEEDED: "badge good", FAILED: "badge bad" } as const;

export function Runs() {
  const [pages, turn] = usePages("runs");
  const asked = useAsk(RunsQuery, { first: PAGE, after: cursor(pages) });
  return (
    <Answer asked={asked} what="runs">
      {({ runs }) =>
        runs.nodes.length === 0 ? (
          <Empty commands={["lotline demo", "lotline run jobs/open-houses --input open_houses=events.json"]}>
            There was no run yet. Make one with:
          </Empty>
        ) : (
          <>
            {runs.nodes.map((run) => (
              <OneRun key={run.id} run={run} />
            ))}
            <Pager what="runs" pages={pages} info={runs.pageInfo} size={PAGE} rows={runs.nodes.length} turn={turn} />
          </>
        )
      }
    </Answer>
  );
}

function OneRun({ run }: { readonly run: Run }) {
  return (
    <article class="card run" aria-labelledby={`run-${run.id}`}>
      <div class="heading">
        <h2 id={`run-${run.id}`}>
          {run.job} <small>{run.id}</small>
        </h2>
        <p>
          <span class={TONE[run.status]}>{STATUS[run.status]}</span>{" "}
          <span class={run.published ? "badge good" : "badge"}>{run.published ? "published" : "not published"}</span>
        </p>
      </div>
      {run.error !== null && (
        <p class="failure">
          <strong>Failed:</strong> {run.error}
        </p>
      )}
      {run.receipt === null ? (
        <p class="hint">{run.status === "RUNNING" ? "It has no receipt before it is done." : "It has no receipt."}</p>
      ) : (
        <ReceiptOf receipt={run.receipt} ticket={run.ticket} />
      )}
    </article>
  );
}

function ReceiptOf({ receipt, ticket }: { readonly receipt: Receipt; readonly ticket: number }) {
  return (
    <>
      <Table
        caption={`Receipt of ${receipt.sources.map(({ source }) => source).join(", ")}`}
        hideCaption
        rows={receipt.sources}
        columns={LEDGER}
      />
      <Stats
        stats={[
          ...(receipt.links === null
            ? []
            : [
                {
                  name: "Links",
                  value: count(receipt.links),
                  note: `of ${count(receipt.pairsCompared)} pairs compared`,
                },
              ]),
          {
            name: "Cost on AWS",
            value: cost(receipt.usdEstimate),
            note: `${cost(receipt.usdPerMillionRecords)} per million records`,
          },
          { name: "Time", value: seconds(receipt.elapsedS), note: `${bytes(receipt.peakRssBytes)} peak memory` },
        ]}
      />
      {receipt.warnings.length > 0 && (
        <details>
          <summary>
            {receipt.warnings.length} {receipt.warnings.length === 1 ? "warning" : "warnings"}
          </summary>
          <ul>
            {receipt.warnings.map((warning) => (
              <li key={warning}>{warning}</li>
            ))}
          </ul>
        </details>
      )}
      <p class="hint digest">
        Ticket {ticket}, result digest <code>{receipt.resultDigest}</code>
      </p>
    </>
  );
}

const LEDGER = [
  { head: "Source", cell: (ledger: Ledger) => ledger.source },
  { head: "Read", kind: "number" as const, cell: (ledger: Ledger) => count(ledger.read) },
  { head: "= Accepted", kind: "number" as const, cell: (ledger: Ledger) => count(ledger.accepted) },
  { head: "+ Superseded", kind: "number" as const, cell: (ledger: Ledger) => count(ledger.superseded) },
  { head: "+ Duplicate", kind: "number" as const, cell: (ledger: Ledger) => count(ledger.duplicate) },
  { head: "+ Quarantined", kind: "number" as const, cell: (ledger: Ledger) => count(ledger.quarantined) },
  { head: "Ledger", cell: balance },
];

/** Whether the ledger adds up, and whether too many rows were set aside. */
function balance(ledger: Ledger) {
  const counted = ledger.accepted + ledger.superseded + ledger.duplicate + ledger.quarantined;
  return (
    <>
      <span class={counted === ledger.read ? "badge good" : "badge bad"}>
        {counted === ledger.read ? "balances" : `${count(counted - ledger.read)} off`}
      </span>{" "}
      {ledger.overLimit && <span class="badge bad">over its limit</span>}
    </>
  );
}
