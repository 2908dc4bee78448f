// Open houses: when and where they happen.

import { useCallback } from "preact/hooks";
import type * as Charts from "../charts";
import { count, date } from "../format";
import { type InsightRows, rowsOf } from "../insights";
import { Answer } from "../parts/answer";
import { Empty } from "../parts/empty";
import { Figure } from "../parts/figure";
import { Stats } from "../parts/stats";
import { Table } from "../parts/table";
import { JobSummary } from "../queries.gen";
import { useAsk } from "../use_ask";

type Insights = NonNullable<NonNullable<typeof JobSummary.answer>["summary"]>["insights"];

type Day = InsightRows["daily_cumulative"];
type Zip = InsightRows["top_zips"];

const DAY_MS = 86_400_000;

export function OpenHouses() {
  const asked = useAsk(JobSummary, { job: "open-houses" });
  return (
    <Answer asked={asked} what="open houses">
      {({ summary }) =>
        summary === null ? (
          <Empty commands={["lotline demo", "lotline run jobs/open-houses --input open_houses=events.json"]}>
            No run of the job open-houses is published yet. Make one with:
          </Empty>
        ) : (
          <Insights insights={summary.insights} />
        )
      }
    </Answer>
  );
}

function Insights({ insights }: { readonly insights: Insights }) {
  const days = rowsOf(insights, "daily_cumulative");
  const zips = rowsOf(insights, "top_zips");
  const [week] = rowsOf(insights, "busiest_week");
  const last = days.at(-1);
  return (
    <>
      <Stats
        stats={[
          { name: "Open houses", value: count(last?.cumulative ?? 0), note: period(days) },
          ...(week === undefined
            ? []
            : [{ name: "In the busiest week", value: count(week.open_houses), note: weekOf(week.week_start) }]),
          ...(zips[0] === undefined
            ? []
            : [{ name: "In the busiest zip code", value: count(zips[0].open_houses), note: zips[0].zip }]),
        ]}
      />
      <Days days={days} />
      <Zips zips={zips} />
    </>
  );
}

function period(days: readonly Day[]): string {
  const [first, last] = [days[0], days.at(-1)];
  return first === undefined || last === undefined ? "no dates" : `${date(first.day)} to ${date(last.day)}`;
}

/** The week that starts on a Monday. */
function weekOf(monday: string): string {
  const sunday = new Date(new Date(monday).getTime() + 6 * DAY_MS).toISOString();
  return `${date(monday)} to ${date(sunday)}`;
}

function Days({ days }: { readonly days: readonly Day[] }) {
  const drawDaily = useCallback((charts: typeof Charts, width: number) => charts.daily(days, width), [days]);
  const drawTotal = useCallback((charts: typeof Charts, width: number) => charts.cumulative(days, width), [days]);
  const busiest = days.reduce((best, day) => (day.open_houses > best.open_houses ? day : best), {
    day: "",
    open_houses: 0,
  });
  return (
    <div class="pair">
      <Figure
        title="Open houses per day"
        description={`${count(days.length)} days; the busiest is ${date(busiest.day)} with ${count(busiest.open_houses)}.`}
        draw={drawDaily}
      >
        <DayTable days={days} />
      </Figure>
      <Figure
        title="Total so far"
        description={`Open houses up to and including each day, ${count(days.at(-1)?.cumulative ?? 0)} in the end.`}
        draw={drawTotal}
      >
        <DayTable days={days} />
      </Figure>
    </div>
  );
}

function DayTable({ days }: { readonly days: readonly Day[] }) {
  return (
    <Table
      caption="Open houses by day"
      rows={days}
      columns={[
        { head: "Day", cell: (row) => date(row.day) },
        { head: "Open houses", kind: "number", cell: (row) => count(row.open_houses) },
        { head: "Total so far", kind: "number", cell: (row) => count(row.cumulative) },
      ]}
    />
  );
}

function Zips({ zips }: { readonly zips: readonly Zip[] }) {
  const draw = useCallback(
    (charts: typeof Charts, width: number) =>
      charts.ranked(
        zips.map((row) => ({ label: row.zip, count: row.open_houses })),
        width,
      ),
    [zips],
  );
  return (
    <Figure title="Top zip codes" description="The five zip codes with the most open houses." draw={draw}>
      <Table
        caption="Top zip codes"
        rows={zips}
        columns={[
          { head: "Zip code", cell: (row) => row.zip },
          { head: "Open houses", kind: "number", cell: (row) => count(row.open_houses) },
        ]}
      />
    </Figure>
  );
}
