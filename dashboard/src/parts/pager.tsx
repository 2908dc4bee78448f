// Buttons to the next page of a list and back.

import { useState } from "preact/hooks";
import { back, FIRST_PAGE, forward, type PageInfo, type Pages, shown } from "../paging";
import { Turn } from "./turn";

/** The page that is shown; back at the first one when `list`, which names the list, changes. */
export function usePages(list: string): readonly [Pages, (pages: Pages) => void] {
  const [state, setState] = useState({ list, pages: FIRST_PAGE });
  const pages = state.list === list ? state.pages : FIRST_PAGE;
  return [pages, (pages) => setState({ list, pages })];
}

interface Properties {
  readonly what: string;
  readonly pages: Pages;
  readonly info: PageInfo;
  readonly size: number;
  readonly rows: number;
  readonly turn: (pages: Pages) => void;
}

export function Pager({ what, pages, info, size, rows, turn }: Properties) {
  return (
    <nav class="pager" aria-label={`Pages of ${what}`}>
      <Turn end={pages.length === 0} turn={() => turn(back(pages))}>
        Previous
      </Turn>
      <span role="status">{shown(pages, size, rows)}</span>
      <Turn end={!info.hasNextPage} turn={() => turn(forward(pages, info))}>
        Next
      </Turn>
    </nav>
  );
}
