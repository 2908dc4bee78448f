// Pages of a list, forward and back.

/** The cursor that each page after the first one was asked with, in order; of the page shown the last. */
export type Pages = readonly string[];

export interface PageInfo {
  readonly hasNextPage: boolean;
  readonly endCursor: string | null;
}

export const FIRST_PAGE: Pages = [];

/** What to ask the page shown with. */
export function cursor(pages: Pages): string | null {
  return pages.at(-1) ?? null;
}

/** The page after the one that ends so; the same page where there is none. */
export function forward(pages: Pages, info: PageInfo): Pages {
  return info.hasNextPage && info.endCursor !== null ? [...pages, info.endCursor] : pages;
}

/** The page before; the first one has none. */
export function back(pages: Pages): Pages {
  return pages.slice(0, -1);
}

/** Which rows are shown, where every page but the last has `size` rows. */
export function shown(pages: Pages, size: number, rows: number): string {
  const before = pages.length * size;
  return rows === 0 ? "no rows" : `rows ${before + 1}–${before + rows}`;
}
