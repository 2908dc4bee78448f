// Properties: what linking parcels with listings came to.

import { useCallback } from "preact/hooks";
import type * as Charts from "../charts";
import { count, percent, usd } from "../format";
import { type InsightRows, rowsOf } from "../insights";
import { Answer } from "../parts/answer";
import { Empty } from "../parts/empty";
import { Figure } from "../parts/figure";
import { Stats } from "../parts/stats";
import { Table } from "../parts/table";
import { JobSummary } from "../queries.gen";
import { href } from "../route";
import { useAsk } from "../use_ask";

type Bedrooms = InsightRows["bedrooms"];
type Summary = NonNullable<NonNullable<typeof JobSummary.answer>["summary"]>;

export function Properties() {
  const asked = useAsk(JobSummary, { job: "properties" });
  return (
    <Answer asked={asked} what="properties">
      {({ summary }) =>
        summary === null ? (
          <Empty
            commands={[
              "lotline demo",
              "lotline run jobs/properties --input assessor=assessor.csv --input listings=listings.csv",
            ]}
          >
            No run of the job properties is published yet. Make one with:
          </Empty>
        ) : (
          <Linked summary={summary} />
        )
      }
    </Answer>
  );
}

function Linked({ summary }: { readonly summary: Summary }) {
  const [matched] = rowsOf(summary.insights, "matched");
  const [rate] = rowsOf(summary.insights, "match_rate");
  const rows = (table: string) => count(summary.tables.find(({ name }) => name === table)?.rows ?? null);
  return (
    <>
      {matched !== undefined && (
        <Stats
          stats={[
            {
              name: "Matched properties",
              value: count(matched.matched_properties),
              note: <a href={href("links", { job: "properties" })}>See the links</a>,
            },
            { name: "Mean estimated value", value: usd(matched.mean_estimated_value) },
            { name: "Median estimated value", value: usd(matched.median_estimated_value) },
          ]}
        />
      )}
      {rate !== undefined && (
        <Stats
          stats={[
            {
              name: "Parcels matched",
              value: percent(rate.assessor_match_rate),
              note: `of ${rows("assessor")} parcels`,
            },
            {
              name: "Listings matched",
              value: percent(rate.listings_match_rate),
              note: `of ${rows("listings")} listings`,
            },
          ]}
        />
      )}
      <ByBedrooms bedrooms={rowsOf(summary.insights, "bedrooms")} />
    </>
  );
}

function ByBedrooms({ bedrooms }: { readonly bedrooms: readonly Bedrooms[] }) {
  const draw = useCallback(
    (charts: typeof Charts, width: number) =>
      charts.columns(
        bedrooms.map((row) => ({ label: bedroomsOf(row), count: row.properties })),
        "bedrooms",
        width,
      ),
    [bedrooms],
  );
  return (
    <Figure
      title="Matched properties by bedrooms"
      description="The assessor's number of bedrooms, or the listing's where the assessor has none."
      draw={draw}
    >
      <Table
        caption="Matched properties by bedrooms"
        rows={bedrooms}
        columns={[
          { head: "Bedrooms", kind: "number", cell: bedroomsOf },
          { head: "Properties", kind: "number", cell: (row) => count(row.properties) },
        ]}
      />
    </Figure>
  );
}

function bedroomsOf(row: Bedrooms): string {
  return row.bedrooms === null ? "unknown" : String(row.bedrooms);
}
