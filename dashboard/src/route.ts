// Which view is shown, from what follows `#/` in the address: a name and parameters, as `#/links?job=properties`.

import { useEffect, useState } from "preact/hooks";

export interface Route {
  readonly view: string;
  readonly parameters: URLSearchParams;
}

export function parseRoute(hash: string): Route {
  const [view = "", query = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  return { view, parameters: new URLSearchParams(query) };
}

/** The address of a view. Parameters that are empty or undefined are left out. */
export function href(view: string, parameters: Readonly<Record<string, string | undefined>> = {}): string {
  const given = Object.entries(parameters).filter((entry): entry is [string, string] => (entry[1] ?? "") !== "");
  const query = new URLSearchParams(given).toString();
  return query === "" ? `#/${view}` : `#/${view}?${query}`;
}

/** Goes to an address that `href` made. */
export function go(address: string): void {
  window.location.hash = address;
}

/** Changes the address without a step in the browser's history. */
export function replace(address: string): void {
  window.history.replaceState(null, "", address);
  window.dispatchEvent(new HashChangeEvent("hashchange"));
}

export function useRoute(): Route {
  const [route, setRoute] = useState(() => parseRoute(window.location.hash));
  useEffect(() => {
    const follow = () => setRoute(parseRoute(window.location.hash));
    window.addEventListener("hashchange", follow);
    return () => window.removeEventListener("hashchange", follow);
  }, []);
  return route;
}
