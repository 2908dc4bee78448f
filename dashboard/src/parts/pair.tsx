// Why two records are linked or are not: the decision, the waterfall and every comparison.

import { useCallback, useMemo } from "preact/hooks";
import type * as Charts from "../charts";
import { NONE, percent, weight } from "../format";
import { Explain } from "../queries.gen";
import { useAsk } from "../use_ask";
import { bars, type Details, details, type Step } from "../waterfall";
import { Answer } from "./answer";
import { Empty } from "./empty";
import { Figure } from "./figure";
import { Stats } from "./stats";
import { Table } from "./table";

export interface PairOfJob {
  readonly job: string;
  readonly idL: string;
  readonly idR: string;
}

type Explanation = NonNullable<NonNullable<typeof Explain.answer>["explain"]>;

export function Pair({ job, idL, idR }: PairOfJob) {
  const asked = useAsk(Explain, { job, idL, idR });
  return (
    <Answer asked={asked} what="explanation">
      {({ explain }) =>
        explain === null ? (
          <Empty>
            The last run of {job} has no records <code>{idL}</code> and <code>{idR}</code> to compare.
          </Empty>
        ) : (
          <Explained explanation={explain} />
        )
      }
    </Answer>
  );
}

function Explained({ explanation }: { readonly explanation: Explanation }) {
  const more = useMemo(() => details(explanation.waterfall), [explanation.waterfall]);
  return (
    <>
      <section aria-label="Decision" class="card">
        <p class="ids">
          <code>{explanation.idL}</code> and <code>{explanation.idR}</code>{" "}
          <span class={explanation.linked ? "badge good" : "badge"}>
            {explanation.linked ? "linked" : "not linked"}
          </span>
        </p>
        <p class="decision">{explanation.decision}</p>
        <Stats
          stats={[
            {
              name: "Match weight",
              value: weight(explanation.matchWeight),
              note: more.thresholdWeight === null ? undefined : `a link needs ${weight(more.thresholdWeight)}`,
            },
            { name: "Match probability", value: percent(explanation.matchProbability) },
          ]}
        />
      </section>
      <section aria-labelledby="comparisons-title" class="card">
        <h2 id="comparisons-title">What agrees and what differs</h2>
        <Comparisons explanation={explanation} more={more} />
      </section>
      <Waterfall explanation={explanation} more={more} />
    </>
  );
}

function Waterfall({ explanation, more }: { readonly explanation: Explanation; readonly more: Details }) {
  const { priorWeight, steps, matchWeight } = explanation;
  const draw = useCallback(
    (charts: typeof Charts, width: number) =>
      charts.waterfall(bars(priorWeight, steps, more.interactions, matchWeight), more.thresholdWeight, width),
    [priorWeight, steps, more, matchWeight],
  );
  return (
    <Figure
      title="How the match weight comes about"
      description={`From ${weight(priorWeight)} for two records at random, each comparison adds or takes; the sum is ${weight(matchWeight)}.`}
      draw={draw}
    />
  );
}

function Comparisons({ explanation, more }: { readonly explanation: Explanation; readonly more: Details }) {
  const plain = (comparison: string, weight: number): Step => ({
    comparison,
    level: null,
    valueL: null,
    valueR: null,
    weight,
    termFrequencyWeight: 0,
  });
  const rows: readonly Step[] = [
    plain("prior", explanation.priorWeight),
    ...explanation.steps,
    ...more.interactions.map((interaction) => plain(interaction.comparisons.join(" × "), interaction.weight)),
    plain("match weight", explanation.matchWeight),
  ];
  return (
    <Table
      caption="Comparisons of the pair"
      hideCaption
      rows={rows}
      columns={[
        { head: "Comparison", cell: (row) => row.comparison },
        { head: "Left value", cell: (row) => row.valueL ?? NONE },
        { head: "Right value", cell: (row) => row.valueR ?? NONE },
        { head: "Level", cell: (row) => row.level ?? NONE },
        { head: "Weight", kind: "number", cell: (row) => weight(row.weight) },
        {
          head: "Term frequency",
          kind: "number",
          cell: (row) => (row.termFrequencyWeight === 0 ? NONE : weight(row.termFrequencyWeight)),
        },
      ]}
    />
  );
}
