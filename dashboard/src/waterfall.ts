// The match weight of a pair as bars, each of which starts where the one before it ends.

export interface Step {
  readonly comparison: string;
  readonly level: string | null;
  readonly valueL: string | null;
  readonly valueR: string | null;
  readonly weight: number;
  readonly termFrequencyWeight: number;
}

/** What `lotline explain --json` says beyond the fields of the schema. */
export interface Details {
  readonly thresholdWeight: number | null;
  readonly interactions: readonly Interaction[];
}

interface Interaction {
  readonly comparisons: readonly string[];
  readonly weight: number;
}

export interface Bar {
  readonly name: string;
  /** Match weights, log2 odds. */
  readonly from: number;
  readonly to: number;
  readonly total: boolean;
}

interface Waterfall {
  readonly explanation?: { readonly threshold_weight?: number; readonly interactions?: readonly Interaction[] };
}

export function details(waterfall: string): Details {
  const { explanation } = JSON.parse(waterfall) as Waterfall;
  return { thresholdWeight: explanation?.threshold_weight ?? null, interactions: explanation?.interactions ?? [] };
}

/** The prior, every step with what its term frequency adds, interactions, and the total from zero. */
export function bars(
  prior: number,
  steps: readonly Step[],
  interactions: readonly Interaction[],
  total: number,
): readonly Bar[] {
  const parts = [
    { name: "prior", weight: prior },
    ...steps.flatMap((step) => [
      { name: step.comparison, weight: step.weight },
      ...(step.termFrequencyWeight === 0
        ? []
        : [{ name: `${step.comparison}: frequency`, weight: step.termFrequencyWeight }]),
    ]),
    ...interactions.map((interaction) => ({ name: interaction.comparisons.join(" × "), weight: interaction.weight })),
  ];
  let reached = 0;
  const climb = parts.map(({ name, weight }) => {
    const from = reached;
    reached += weight;
    return { name, from, to: reached, total: false };
  });
  return [...climb, { name: "match weight", from: 0, to: total, total: true }];
}
