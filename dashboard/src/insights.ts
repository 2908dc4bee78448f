// The insights that the pages show, as the SQL of the example jobs makes them, and how to read them.

/** The columns of each insight. */
export interface InsightRows {
  readonly busiest_week: { readonly week_start: string; readonly open_houses: number };
  readonly daily_cumulative: { readonly day: string; readonly open_houses: number; readonly cumulative: number };
  readonly top_zips: { readonly zip: string; readonly open_houses: number };
  readonly bedrooms: { readonly bedrooms: number | null; readonly properties: number };
  readonly match_rate: { readonly assessor_match_rate: number | null; readonly listings_match_rate: number | null };
  readonly matched: {
    readonly matched_properties: number;
    readonly mean_estimated_value: number | null;
    readonly median_estimated_value: number | null;
  };
}

interface Insight {
  readonly name: string;
  readonly rows: readonly string[];
}

/** The rows of an insight; none where the job has no insight of that name. */
export function rowsOf<Name extends keyof InsightRows>(
  insights: readonly Insight[],
  name: Name,
): readonly InsightRows[Name][] {
  const rows = insights.find((insight) => insight.name === name)?.rows ?? [];
  return rows.map((row) => JSON.parse(row) as InsightRows[Name]);
}
