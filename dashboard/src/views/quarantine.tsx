// Quarantine: rows that were set aside, why, and what brings them back.

import { count, NONE } from "../format";
import { cursor } from "../paging";
import { Answer } from "../parts/answer";
import { Commands, Empty } from "../parts/empty";
import { Pager, usePages } from "../parts/pager";
import { Quarantine as QuarantineQuery, QuarantineSources, Replay as ReplayQuery } from "../queries.gen";
import { look, runAgain, runAgainOnAws } from "../replay";
import { go, href } from "../route";
import { useAsk } from "../use_ask";

const PAGE = 20;
const SUFFIX = "_quarantine";

type Sources = NonNullable<typeof QuarantineSources.answer>;
type Page = NonNullable<typeof QuarantineQuery.answer>["quarantine"];

interface Job {
  readonly job: string;
  readonly sources: readonly string[];
}

export function Quarantine({ parameters }: { readonly parameters: URLSearchParams }) {
  const asked = useAsk(QuarantineSources, {});
  return (
    <Answer asked={asked} what="sources">
      {(data) => {
        const sources = sourcesOf(data);
        const source = parameters.get("source") ?? sources.find(({ rows }) => rows > 0)?.name ?? sources[0]?.name;
        return source === undefined ? (
          <Empty commands={["lotline demo", "lotline run jobs/open-houses --input open_houses=events.json"]}>
            Nothing is published yet, so nothing was set aside. Make a run with:
          </Empty>
        ) : (
          <>
            <SourcePicker sources={sources} source={source} />
            <OfSource
              key={source}
              source={source}
              rule={parameters.get("rule")}
              job={jobs(data).find(({ sources }) => sources.includes(source))}
            />
          </>
        );
      }}
    </Answer>
  );
}

interface Source {
  readonly name: string;
  readonly rows: number;
}

function sourcesOf({ tables }: Sources): readonly Source[] {
  const aside = tables.filter(({ name }) => name.endsWith(SUFFIX));
  return aside.map(({ name, rows }) => ({ name: name.slice(0, -SUFFIX.length), rows }));
}

/** Published jobs with their sources, the last run first. */
function jobs({ runs }: Sources): readonly Job[] {
  const published = runs.nodes.filter((run) => run.published);
  return published.map(({ job, receipt }) => ({ job, sources: (receipt?.sources ?? []).map(({ source }) => source) }));
}

function SourcePicker({ sources, source }: { readonly sources: readonly Source[]; readonly source: string }) {
  return (
    <label class="field">
      Source
      <select value={source} onChange={(event) => go(href("quarantine", { source: event.currentTarget.value }))}>
        {sources.map(({ name, rows }) => (
          <option key={name} value={name}>
            {name} ({count(rows)} {rows === 1 ? "row" : "rows"})
          </option>
        ))}
      </select>
    </label>
  );
}

interface Properties {
  readonly source: string;
  readonly rule: string | null;
  readonly job: Job | undefined;
}

function OfSource({ source, rule, job }: Properties) {
  const [pages, turn] = usePages(`${source} ${rule ?? ""}`);
  const asked = useAsk(QuarantineQuery, { source, rule, first: PAGE, after: cursor(pages) });
  return (
    <Answer asked={asked} what="rows that were set aside">
      {({ quarantine }) =>
        quarantine.rules.length === 0 ? (
          <Empty>Every row of {source} was good: nothing was set aside.</Empty>
        ) : (
          <>
            <Rules source={source} rule={rule} rules={quarantine.rules} />
            <section aria-labelledby="rows-title" class="card">
              <h2 id="rows-title">{rule === null ? "Rows" : `Rows that broke ${rule}`}</h2>
              <Rows rows={quarantine.nodes} />
              <Pager
                what="rows"
                pages={pages}
                info={quarantine.pageInfo}
                size={PAGE}
                rows={quarantine.nodes.length}
                turn={turn}
              />
            </section>
            <Replay source={source} rule={rule} job={job} page={quarantine} />
          </>
        )
      }
    </Answer>
  );
}

function Rules({ source, rule, rules }: Omit<Properties, "job"> & { readonly rules: Page["rules"] }) {
  const all = rules.reduce((sum, { rows }) => sum + rows, 0);
  const choices = [{ name: "all rules", value: undefined, rows: all }, ...rules.map(named)];
  return (
    <nav aria-label="Rules that rows broke" class="choices">
      {choices.map(({ name, value, rows }) => (
        <a
          key={name}
          href={href("quarantine", { source, rule: value })}
          aria-current={(value ?? null) === rule ? "true" : undefined}
        >
          {name} <span class="count">{count(rows)}</span>
        </a>
      ))}
    </nav>
  );
}

function named({ rule, rows }: Page["rules"][number]) {
  return { name: rule, value: rule, rows };
}

function Rows({ rows }: { readonly rows: Page["nodes"] }) {
  return (
    <ol class="rows">
      {rows.map((row) => (
        <li key={`${row.file} ${row.rowNumber}`}>
          <p>
            <strong>{row.rule}</strong>
            {row.column !== null && (
              <>
                {" "}
                of <code>{row.column}</code>
              </>
            )}
            : <bdi class="verbatim">{row.reason}</bdi>
          </p>
          <p class="hint">
            row {count(row.rowNumber)}
            {row.byteOffset !== null && ` at byte ${count(row.byteOffset)}`} of <bdi class="verbatim">{row.file}</bdi>
          </p>
          {/* A region that scrolls must take the focus, or the keyboard cannot scroll it. */}
          {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
          <pre class="raw" dir="auto" tabIndex={0} role="group" aria-label={`Raw bytes of row ${row.rowNumber}`}>
            {row.raw ?? NONE}
          </pre>
        </li>
      ))}
    </ol>
  );
}

function Replay({ source, rule, job, page }: Properties & { readonly page: Page }) {
  const broke = page.rules.filter((entry) => rule === null || entry.rule === rule);
  const rows = broke.reduce((sum, entry) => sum + entry.rows, 0);
  const aside = { source, rule, files: [...new Set(page.nodes.map(({ file }) => file))] };
  return (
    <section aria-labelledby="replay-title" class="card">
      <h2 id="replay-title">Bring them back</h2>
      <p>
        {count(rows)} {rows === 1 ? "row comes" : "rows come"} back by themselves when the files are read again with a
        corrected <code>tables/{source}.toml</code>, or when corrected records are given in another file. A row that
        breaks a second rule is set aside for that one. Look at them, correct, run again:
      </p>
      <Commands lines={[look(aside), runAgain(aside, job)]} />
      {job !== undefined && <Preview job={job.job} source={source} />}
      <p>On AWS, after the correction:</p>
      <Commands lines={runAgainOnAws(job)} />
    </section>
  );
}

/** What the rows would come to by the job's settings as they are now. */
function Preview({ job, source }: { readonly job: string; readonly source: string }) {
  const asked = useAsk(ReplayQuery, { job, source });
  return (
    <Answer asked={asked} what="the rows by today's settings">
      {({ replay }) => (
        <>
          <p class="preview">
            By the settings as they are now, {count(replay.accepted)} of {count(replay.rows)} rows would pass.
          </p>
          <ul>
            {replay.rules.map(({ rule, column, rows, accepted, still }) => (
              <li key={`${rule} ${column}`}>
                <strong>{rule}</strong>
                {column !== "" && (
                  <>
                    {" "}
                    of <code>{column}</code>
                  </>
                )}
                : {count(accepted)} of {count(rows)}
                {still !== null && (
                  <>
                    ; one that would not: <bdi class="verbatim">{still}</bdi>
                  </>
                )}
              </li>
            ))}
          </ul>
        </>
      )}
    </Answer>
  );
}
