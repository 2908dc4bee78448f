// The page: its navigation, and the view that the address names.

import { render } from "preact";
import type { ComponentType } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Empty } from "./parts/empty";
import { href, useRoute } from "./route";
import "./style.css";
import { Explorer } from "./views/explorer";
import { Label } from "./views/label";
import { Links } from "./views/links";
import { OpenHouses } from "./views/open_houses";
import { Properties } from "./views/properties";
import { Quarantine } from "./views/quarantine";
import { Runs } from "./views/runs";
import { Tables } from "./views/tables";

interface View {
  readonly path: string;
  readonly title: string;
  readonly lead: string;
  readonly Content: ComponentType<{ readonly parameters: URLSearchParams }>;
}

const VIEWS: readonly View[] = [
  {
    path: "open-houses",
    title: "Open houses",
    lead: "When and where they happen: the latest version of every event.",
    Content: OpenHouses,
  },
  {
    path: "properties",
    title: "Properties",
    lead: "An assessor's parcels and a broker's listings, linked one to one.",
    Content: Properties,
  },
  {
    path: "links",
    title: "Links",
    lead: "How sure the links are, and what another threshold would come to.",
    Content: Links,
  },
  {
    path: "explorer",
    title: "Explorer",
    lead: "Why two records are linked, or why not.",
    Content: Explorer,
  },
  {
    path: "label",
    title: "Label",
    lead: "Pairs that the model is least sure of, for a person to judge.",
    Content: Label,
  },
  {
    path: "quarantine",
    title: "Quarantine",
    lead: "Rows that were set aside, each with its reason and its bytes.",
    Content: Quarantine,
  },
  {
    path: "runs",
    title: "Runs",
    lead: "What every run read, kept, linked and cost; the last one first.",
    Content: Runs,
  },
  {
    path: "tables",
    title: "Tables",
    lead: "What readers see, as it is stored.",
    Content: Tables,
  },
];

function App() {
  const { view: path, parameters } = useRoute();
  const view = path === "" ? VIEWS[0] : VIEWS.find((view) => view.path === path);
  const main = useRef<HTMLElement>(null);
  return (
    <>
      <button type="button" class="skip" onClick={() => main.current?.focus()}>
        Skip to content
      </button>
      <header>
        <a class="brand" href={href("")}>
          <img src="./favicon.svg" alt="" width="28" height="28" />
          Lotline
        </a>
        <nav aria-label="Views">
          {VIEWS.map(({ path, title }) => (
            <a key={path} href={href(path)} aria-current={path === view?.path ? "page" : undefined}>
              {title}
            </a>
          ))}
        </nav>
      </header>
      <main ref={main} tabIndex={-1}>
        {view === undefined ? (
          <Empty>There is no view of that name.</Empty>
        ) : (
          <Shown key={view.path} view={view} parameters={parameters} />
        )}
      </main>
    </>
  );
}

/** The first view leaves the focus where the browser has it; a later one takes it, so that a screen reader reads it. */
let first = true;

function Shown({ view, parameters }: { readonly view: View; readonly parameters: URLSearchParams }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${view.title} – Lotline`;
    if (!first) {
      heading.current?.focus();
    }
    first = false;
  }, [view.title]);
  return (
    <>
      <h1 ref={heading} tabIndex={-1}>
        {view.title}
      </h1>
      <p class="lead">{view.lead}</p>
      <view.Content parameters={parameters} />
    </>
  );
}

const app = document.getElementById("app");
if (app !== null) {
  render(<App />, app);
}
