// Numbers, dates and values as the pages show them.

const LOCALE = "en-US";
const whole = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 0 });
const dollars = new Intl.NumberFormat(LOCALE, { style: "currency", currency: "USD", maximumFractionDigits: 0 });
const day = new Intl.DateTimeFormat(LOCALE, { dateStyle: "medium", timeZone: "UTC" });
const moment = new Intl.DateTimeFormat(LOCALE, { dateStyle: "medium", timeStyle: "short", timeZone: "UTC" });

/** Stands where there is no value. */
export const NONE = "–";

export function count(value: number | null): string {
  return value === null ? NONE : whole.format(value);
}

export function usd(value: number | null): string {
  return value === null ? NONE : dollars.format(value);
}

/** What a run costs: small sums with two digits that say something. */
export function cost(value: number): string {
  return value < 1 ? `$${value === 0 ? "0" : value.toPrecision(2)}` : `$${value.toFixed(2)}`;
}

/** A match weight, with its sign. */
export function weight(value: number): string {
  return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(2)}`;
}

/** A share of 1 in percent, with enough digits to tell it from none and from all. */
export function percent(share: number | null): string {
  if (share === null) {
    return NONE;
  }
  const digits = [1, 2, 3, 4].find((digits) => tellsApart(share, digits)) ?? 5;
  return `${(share * 100).toFixed(digits)}%`;
}

function tellsApart(share: number, digits: number): boolean {
  const shown = Number((share * 100).toFixed(digits));
  return share <= 0 || share >= 1 || (shown > 0 && shown < 100);
}

/** A day such as `2023-03-27`, which may have a time after it. */
export function date(text: string): string {
  const parsed = new Date(text);
  return Number.isNaN(parsed.getTime()) ? text : day.format(parsed);
}

export function time(text: string): string {
  const parsed = new Date(text);
  return Number.isNaN(parsed.getTime()) ? text : `${moment.format(parsed)} UTC`;
}

export function seconds(value: number | null): string {
  if (value === null) {
    return NONE;
  }
  return value < 60 ? `${value.toFixed(1)} s` : `${Math.floor(value / 60)} min ${Math.round(value % 60)} s`;
}

export function bytes(value: number | null): string {
  if (value === null) {
    return NONE;
  }
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  const step = value < 1000 ? 0 : Math.min(Math.floor(Math.log10(value) / 3), units.length - 1);
  return `${whole.format(value / 1000 ** step)} ${units[step] ?? ""}`;
}

/** A value of a row in JSON, as the row has it. */
export function value(cell: unknown): string {
  if (cell === null || cell === undefined) {
    return NONE;
  }
  return typeof cell === "string" ? cell : JSON.stringify(cell);
}
