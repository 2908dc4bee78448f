// The charts. Loaded beside the program, as Observable Plot is the largest part of the program.

import { areaY, axisX, axisY, barX, barY, lineY, plot, rectY, ruleX, ruleY, text } from "@observablehq/plot";
import type { InsightRows } from "./insights";
import type { Band } from "./threshold";
import type { Bar } from "./waterfall";

const ACCENT = "var(--accent)";
const MUTED = "var(--bar-muted)";
const BAD = "var(--against)";
const LINE = "var(--line)";
/** An axis of match weights, with room for its label below the ticks. */
const WEIGHTS = { label: "match weight (log2 odds) →", labelAnchor: "center", labelOffset: 36 } as const;
/** Keeps letters readable on a line or a bar. */
const HALO = { stroke: "var(--surface)", strokeWidth: 4 };
const style = { fontFamily: "inherit", fontSize: "12px", background: "transparent", overflow: "visible" };

type Daily = InsightRows["daily_cumulative"];

export interface Counted {
  readonly label: string;
  readonly count: number;
}

type Chart = Element;

/** Open houses of every day. */
export function daily(days: readonly Daily[], width: number): Chart {
  const marks = dated(days).map((row) => ({ ...row, end: new Date(row.day.getTime() + 86_400_000) }));
  return plot({
    width,
    height: 210,
    marginLeft: 48,
    marginBottom: 38,
    style,
    marks: [
      ...axes(width),
      rectY(marks, { x1: "day", x2: "end", y: "open_houses", fill: ACCENT, insetLeft: 0.5, insetRight: 0.5 }),
      ruleY([0], { stroke: LINE }),
    ],
  });
}

/** The total up to and including every day. */
export function cumulative(days: readonly Daily[], width: number): Chart {
  const rows = dated(days);
  return plot({
    width,
    height: 210,
    marginLeft: 48,
    marginBottom: 38,
    style,
    marks: [
      ...axes(width),
      areaY(rows, { x: "day", y: "cumulative", fill: ACCENT, fillOpacity: 0.14 }),
      lineY(rows, { x: "day", y: "cumulative", stroke: ACCENT, strokeWidth: 2 }),
      ruleY([0], { stroke: LINE }),
    ],
  });
}

function dated(days: readonly Daily[]) {
  return days.map((row) => ({ ...row, day: new Date(row.day) }));
}

function axes(width: number) {
  return [
    axisY({ ticks: 4, tickSize: 0, label: null, tickFormat: compact }),
    axisX({ ticks: Math.max(2, Math.floor(width / 110)), tickSize: 4, label: null }),
  ];
}

function compact(value: number): string {
  return new Intl.NumberFormat("en-US", { notation: "compact" }).format(value);
}

/** One horizontal bar a row, in the order given, with its count beside it. */
export function ranked(rows: readonly Counted[], width: number): Chart {
  const longest = Math.max(...rows.map((row) => row.label.length));
  return plot({
    width,
    height: rows.length * 34 + 8,
    marginTop: 4,
    marginBottom: 4,
    marginLeft: Math.min(longest * 8 + 12, width / 2),
    marginRight: 52,
    style: { ...style, fontSize: "13px" },
    x: { axis: null },
    y: { label: null, tickSize: 0, domain: rows.map((row) => row.label), padding: 0.3 },
    marks: [
      barX(rows, { x: "count", y: "label", fill: ACCENT, rx: 3 }),
      text(rows, {
        x: "count",
        y: "label",
        text: (row: Counted) => row.count.toLocaleString("en-US"),
        textAnchor: "start",
        dx: 8,
      }),
    ],
  });
}

/** One column a row, in the order given. */
export function columns(rows: readonly Counted[], label: string, width: number): Chart {
  return plot({
    width,
    height: 250,
    marginLeft: 48,
    marginTop: 24,
    marginBottom: 44,
    style,
    x: { label, labelOffset: 36, domain: rows.map((row) => row.label), padding: 0.25, tickSize: 0 },
    marks: [
      axisY({ ticks: 4, tickSize: 0, label: null, tickFormat: compact }),
      barY(rows, { x: "label", y: "count", fill: ACCENT, rx: 3 }),
      text(rows, {
        x: "label",
        y: "count",
        text: (row: Counted) => row.count.toLocaleString("en-US"),
        dy: -9,
      }),
      ruleY([0], { stroke: LINE }),
    ],
  });
}

/** Links by match weight; those below the threshold are pale. */
export function histogram(bands: readonly Band[], threshold: number, width: number): Chart {
  return plot({
    width,
    height: 250,
    marginLeft: 48,
    marginTop: 24,
    marginBottom: 44,
    style,
    x: { ...WEIGHTS, tickSize: 4, ticks: Math.floor(width / 60) },
    marks: [
      axisY({ ticks: 4, tickSize: 0, label: null, tickFormat: compact }),
      rectY(bands, {
        x1: "weight",
        x2: (band: Band) => band.weight + 1,
        y: "links",
        fill: (band: Band) => (band.weight >= threshold ? ACCENT : MUTED),
        insetLeft: 0.5,
        insetRight: 0.5,
      }),
      ruleY([0], { stroke: LINE }),
      ruleX([threshold], { stroke: "currentColor", strokeDasharray: "4 3" }),
      text([threshold], { x: threshold, text: () => "threshold", frameAnchor: "top", dy: -12 }),
    ],
  });
}

/** How the match weight comes about, from the prior down to the total. */
export function waterfall(bars: readonly Bar[], threshold: number | null, width: number): Chart {
  const longest = Math.max(...bars.map((bar) => bar.name.length));
  return plot({
    width,
    height: bars.length * 28 + 68,
    marginTop: 24,
    marginLeft: Math.min(longest * 7 + 12, width * 0.38),
    marginRight: 44,
    marginBottom: 44,
    style,
    x: { ...WEIGHTS, ticks: Math.floor(width / 90), nice: true },
    y: { label: null, tickSize: 0, domain: bars.map((bar) => bar.name), padding: 0.28 },
    marks: [
      ruleX([0], { stroke: LINE }),
      barX(bars, { x1: "from", x2: "to", y: "name", fill: color, rx: 2 }),
      ...(threshold === null
        ? []
        : [
            ruleX([threshold], { stroke: "currentColor", strokeDasharray: "4 3" }),
            text([threshold], { x: threshold, text: () => "threshold", frameAnchor: "top", dy: -14 }),
          ]),
      text(bars, {
        x: (bar: Bar) => Math.max(bar.from, bar.to),
        y: "name",
        text: (bar: Bar) => signed(bar.to - bar.from),
        textAnchor: "start",
        dx: 6,
        fill: "currentColor",
        ...HALO,
      }),
    ],
  });
}

function color(bar: Bar): string {
  if (bar.total) {
    return "var(--ink-soft)";
  }
  return bar.to < bar.from ? BAD : ACCENT;
}

function signed(weight: number): string {
  return `${weight < 0 ? "−" : "+"}${Math.abs(weight).toFixed(1)}`;
}
