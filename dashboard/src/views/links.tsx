// Links of a job: how their match weights are spread, what another threshold would come to, and the links themselves.

import { useCallback, useEffect, useMemo, useState } from "preact/hooks";
import type * as Charts from "../charts";
import { count, percent, weight } from "../format";
import { cursor } from "../paging";
import { Answer } from "../parts/answer";
import { Empty } from "../parts/empty";
import { Figure } from "../parts/figure";
import { LinkingJob } from "../parts/jobs";
import { Pager, usePages } from "../parts/pager";
import { Stats } from "../parts/stats";
import { Table } from "../parts/table";
import { Links as LinksQuery, Weights } from "../queries.gen";
import { go, href, replace } from "../route";
import { above, type Band, probability, range } from "../threshold";
import { useAsk } from "../use_ask";

const PAGE = 25;
/** How long the slider must rest before links are asked, in milliseconds. */
const REST = 250;

type Order = "IDS" | "WEIGHT";

export function Links({ parameters }: { readonly parameters: URLSearchParams }) {
  return (
    <LinkingJob chosen={parameters.get("job")} choose={(job) => go(href("links", { job }))}>
      {(job) => <OfJob key={job} job={job} parameters={parameters} />}
    </LinkingJob>
  );
}

function OfJob({ job, parameters }: { readonly job: string; readonly parameters: URLSearchParams }) {
  const asked = useAsk(Weights, { job });
  return (
    <Answer asked={asked} what="match weights">
      {({ weights }) =>
        weights.length === 0 ? (
          <Empty>The last run of {job} linked nothing.</Empty>
        ) : (
          <WithThreshold job={job} bands={weights} parameters={parameters} />
        )
      }
    </Answer>
  );
}

interface Properties {
  readonly job: string;
  readonly bands: readonly Band[];
  readonly parameters: URLSearchParams;
}

function WithThreshold({ job, bands, parameters }: Properties) {
  const { least, most } = range(bands);
  const given = Number(parameters.get("threshold") ?? least);
  const [threshold, setThreshold] = useState(Math.min(Math.max(given, least), most));
  const order: Order = parameters.get("order") === "WEIGHT" ? "WEIGHT" : "IDS";
  const show = (threshold: number, order: Order) =>
    replace(href("links", { job, order, threshold: threshold > least ? String(threshold) : undefined }));
  const rested = useRested(threshold);
  return (
    <>
      <Distribution bands={bands} threshold={threshold} />
      <Slider
        bands={bands}
        threshold={threshold}
        change={(threshold) => {
          setThreshold(threshold);
          show(threshold, order);
        }}
      />
      <LinkTable
        job={job}
        minWeight={rested > least ? rested : null}
        order={order}
        reorder={(order) => show(threshold, order)}
      />
    </>
  );
}

/** The value once it has not changed for a moment. */
function useRested(value: number): number {
  const [rested, setRested] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setRested(value), REST);
    return () => clearTimeout(timer);
  }, [value]);
  return rested;
}

function Distribution({ bands, threshold }: { readonly bands: readonly Band[]; readonly threshold: number }) {
  const draw = useCallback(
    (charts: typeof Charts, width: number) => charts.histogram(bands, threshold, width),
    [bands, threshold],
  );
  const all = above(bands, -Infinity);
  return (
    <Figure
      title="Match weights"
      description={`${count(all.links)} links in bands of one bit; a bit more doubles the odds that a link is right.`}
      draw={draw}
    >
      <Table
        caption="Links by match weight"
        rows={bands}
        columns={[
          { head: "From", kind: "number", cell: (band) => band.weight },
          { head: "Below", kind: "number", cell: (band) => band.weight + 1 },
          { head: "Links", kind: "number", cell: (band) => count(band.links) },
          { head: "Expected right", kind: "number", cell: (band) => band.expectedRight.toFixed(2) },
        ]}
      />
    </Figure>
  );
}

interface SliderProperties {
  readonly bands: readonly Band[];
  readonly threshold: number;
  readonly change: (threshold: number) => void;
}

function Slider({ bands, threshold, change }: SliderProperties) {
  const { least, most } = range(bands);
  const kept = useMemo(() => above(bands, threshold), [bands, threshold]);
  const words = `match weight ${threshold} or more: ${count(kept.links)} links`;
  return (
    <section aria-labelledby="threshold-title" class="card">
      <h2 id="threshold-title">At another threshold</h2>
      <label class="slider">
        <span>
          Threshold: match weight <strong>{threshold}</strong>, which is a match probability of{" "}
          <strong>{percent(probability(threshold))}</strong>
        </span>
        <input
          type="range"
          min={least}
          max={most}
          step={1}
          value={threshold}
          aria-valuetext={words}
          onInput={(event) => change(event.currentTarget.valueAsNumber)}
        />
      </label>
      <Stats
        stats={[
          { name: "Links", value: count(kept.links) },
          {
            name: "Expected precision",
            value: percent(kept.precision),
            note: "of the links at the threshold or above",
          },
          { name: "Expected recall", value: percent(kept.recall), note: "of the right links that the job has made" },
        ]}
      />
      <p class="hint">
        Both follow from the model's match probabilities, not from known truth: <code>lotline evaluate</code> measures
        them where truth is known. Pairs below the job's own threshold are no links and do not count here.
      </p>
    </section>
  );
}

interface TableProperties {
  readonly job: string;
  readonly minWeight: number | null;
  readonly order: Order;
  readonly reorder: (order: Order) => void;
}

function LinkTable({ job, minWeight, order, reorder }: TableProperties) {
  const [pages, turn] = usePages(`${job} ${minWeight ?? ""} ${order}`);
  const filter = minWeight === null ? null : { minWeight };
  const asked = useAsk(LinksQuery, { job, filter, order, first: PAGE, after: cursor(pages) });
  return (
    <section aria-labelledby="links-title" class="card">
      <div class="heading">
        <h2 id="links-title">Links</h2>
        <label class="field">
          Order
          <select
            value={order}
            onChange={(event) => reorder(event.currentTarget.value === "WEIGHT" ? "WEIGHT" : "IDS")}
          >
            <option value="IDS">by ids</option>
            <option value="WEIGHT">least match weight first</option>
          </select>
        </label>
      </div>
      <Answer asked={asked} what="links">
        {({ links }) => (
          <>
            <Table
              caption={minWeight === null ? "All links" : `Links of match weight ${minWeight} or more`}
              rows={links.nodes}
              columns={[
                { head: "Left", kind: "code", cell: (link) => link.idL },
                { head: "Right", kind: "code", cell: (link) => link.idR },
                {
                  head: "Why",
                  cell: ({ idL, idR }) => (
                    <a href={href("explorer", { job, idL, idR })} aria-label={`Explain ${idL} and ${idR}`}>
                      explain
                    </a>
                  ),
                },
                { head: "Match weight", kind: "number", cell: (link) => weight(link.matchWeight) },
                { head: "Match probability", kind: "number", cell: (link) => percent(link.matchProbability) },
                { head: "Blocking rule", kind: "number", cell: (link) => link.matchKey },
              ]}
            />
            <Pager what="links" pages={pages} info={links.pageInfo} size={PAGE} rows={links.nodes.length} turn={turn} />
          </>
        )}
      </Answer>
    </section>
  );
}
