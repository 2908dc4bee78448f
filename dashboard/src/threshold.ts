// What linking at another threshold would come to, from the bands of match weights.

export interface Band {
  readonly weight: number;
  readonly links: number;
  readonly expectedRight: number;
}

/** What lies at a threshold or above. */
export interface Above {
  readonly links: number;
  readonly expectedRight: number;
  /** Share of those links that should be right; null where there is none. */
  readonly precision: number | null;
  /** Share of all links that should be right which lie there; null where there is none at all. */
  readonly recall: number | null;
}

/** Bands of one bit are whole below the threshold or whole above it, so the threshold is a whole number. */
export function above(bands: readonly Band[], threshold: number): Above {
  const kept = bands.filter((band) => band.weight >= threshold);
  const links = sum(kept, (band) => band.links);
  const expectedRight = sum(kept, (band) => band.expectedRight);
  const allRight = sum(bands, (band) => band.expectedRight);
  return {
    links,
    expectedRight,
    precision: links === 0 ? null : expectedRight / links,
    recall: allRight === 0 ? null : expectedRight / allRight,
  };
}

/** The least and the greatest threshold that make a difference: all links, and none. */
export function range(bands: readonly Band[]): { readonly least: number; readonly most: number } {
  const weights = bands.map((band) => band.weight);
  return bands.length === 0 ? { least: 0, most: 0 } : { least: Math.min(...weights), most: Math.max(...weights) + 1 };
}

/** The match probability of a match weight, which is in log2 odds. */
export function probability(weight: number): number {
  return 1 / (1 + 2 ** -weight);
}

function sum(bands: readonly Band[], part: (band: Band) => number): number {
  return bands.reduce((total, band) => total + part(band), 0);
}
