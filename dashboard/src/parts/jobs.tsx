// The jobs that link something, one of which a view is about.

import type { ComponentChildren } from "preact";
import { LinkingJobs } from "../queries.gen";
import { useAsk } from "../use_ask";
import { Answer } from "./answer";
import { Empty } from "./empty";

interface Properties {
  /** The job in the address. */
  readonly chosen: string | null;
  readonly choose: (job: string) => void;
  readonly children: (job: string) => ComponentChildren;
}

/** A select of linking jobs and what `children` makes of the chosen one: the first one where none is chosen. */
export function LinkingJob({ chosen, choose, children }: Properties) {
  const asked = useAsk(LinkingJobs, {});
  return (
    <Answer asked={asked} what="jobs">
      {({ runs }) => {
        const linking = runs.nodes.filter((run) => run.published && (run.receipt?.links ?? null) !== null);
        const jobs = [...new Set([...linking.map((run) => run.job), ...(chosen === null ? [] : [chosen])])].sort();
        const job = chosen ?? (jobs.includes("properties") ? "properties" : jobs[0]);
        return job === undefined ? <NoLinks /> : <Chosen jobs={jobs} job={job} choose={choose} children={children} />;
      }}
    </Answer>
  );
}

function Chosen({
  jobs,
  job,
  choose,
  children,
}: Omit<Properties, "chosen"> & { readonly jobs: readonly string[]; readonly job: string }) {
  return (
    <>
      <label class="field">
        Job
        <select value={job} onChange={(event) => choose(event.currentTarget.value)}>
          {jobs.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      {children(job)}
    </>
  );
}

function NoLinks() {
  return (
    <Empty
      commands={[
        "lotline demo",
        "lotline run jobs/properties --input assessor=assessor.csv --input listings=listings.csv",
      ]}
    >
      No job has published links yet. Make some with:
    </Empty>
  );
}
