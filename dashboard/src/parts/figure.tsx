// A chart with its title, a sentence that says what it shows, and the same as a table.

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type * as Charts from "../charts";

/** Loads beside the first answer, so that neither waits for the other. */
const loading = import("../charts");

interface Properties {
  readonly title: string;
  /** What a reader sees in the chart, in a sentence. */
  readonly description: string;
  /** Draws the chart at a width in pixels; a new function draws it anew. */
  readonly draw: (charts: typeof Charts, width: number) => Element;
  /** The table, where it does not stand beside the chart. */
  readonly children?: ComponentChildren;
}

export function Figure({ title, description, draw, children }: Properties) {
  const frame = useRef<HTMLDivElement>(null);
  const width = useWidth(frame);
  const [charts, failed] = useCharts();
  useEffect(() => {
    if (charts !== undefined && width > 0) {
      const chart = draw(charts, width);
      // The frame is the picture, and its label says what the parts would say one by one.
      chart.setAttribute("aria-hidden", "true");
      frame.current?.replaceChildren(chart);
    }
  }, [charts, draw, width]);
  return (
    <figure>
      <figcaption>
        <h2>{title}</h2>
        <p>{description}</p>
      </figcaption>
      <div class="chart" ref={frame} role="img" aria-label={`Chart: ${title}. ${description}`} />
      {failed && <p class="failure">The chart could not be loaded. Its numbers are in the table.</p>}
      {children !== undefined && (
        <details>
          <summary>As a table</summary>
          {children}
        </details>
      )}
    </figure>
  );
}

/** The charts once they are loaded, and whether they cannot be. */
function useCharts(): readonly [typeof Charts | undefined, boolean] {
  const [charts, setCharts] = useState<typeof Charts>();
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    loading.then(
      (module) => setCharts(() => module),
      () => setFailed(true),
    );
  }, []);
  return [charts, failed];
}

function useWidth(frame: { readonly current: HTMLElement | null }): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    if (frame.current === null) {
      return undefined;
    }
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry?.contentRect.width ?? 0)));
    observer.observe(frame.current);
    return () => observer.disconnect();
  }, [frame]);
  return width;
}
