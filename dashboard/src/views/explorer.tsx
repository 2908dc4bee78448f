// Link explorer: two ids, and why the records are linked or are not.

import { useState } from "preact/hooks";
import { LinkingJob } from "../parts/jobs";
import { Pair } from "../parts/pair";
import { useSaving, VerdictButtons } from "../parts/verdict";
import { go, href } from "../route";

export function Explorer({ parameters }: { readonly parameters: URLSearchParams }) {
  const [idL, idR] = [parameters.get("idL") ?? "", parameters.get("idR") ?? ""];
  return (
    <LinkingJob chosen={parameters.get("job")} choose={(job) => go(href("explorer", { job }))}>
      {(job) => (
        <>
          <Ids key={`${job} ${idL} ${idR}`} job={job} idL={idL} idR={idR} />
          {idL !== "" && idR !== "" && <OnePair job={job} idL={idL} idR={idR} />}
        </>
      )}
    </LinkingJob>
  );
}

interface Properties {
  readonly job: string;
  readonly idL: string;
  readonly idR: string;
}

function Ids({ job, idL, idR }: Properties) {
  const [left, setLeft] = useState(idL);
  const [right, setRight] = useState(idR);
  return (
    <form
      class="card ids-form"
      onSubmit={(event) => {
        event.preventDefault();
        go(href("explorer", { job, idL: left.trim(), idR: right.trim() }));
      }}
    >
      <label class="field">
        Left id
        <input required value={left} onInput={(event) => setLeft(event.currentTarget.value)} />
      </label>
      <label class="field">
        Right id
        <input required value={right} onInput={(event) => setRight(event.currentTarget.value)} />
      </label>
      <button type="submit" class="primary">
        Explain
      </button>
      <p class="hint">
        Any two records of the job's tables, linked or not. <a href={href("links", { job, order: "WEIGHT" })}>Links</a>{" "}
        has those that are.
      </p>
    </form>
  );
}

function OnePair(pair: Properties) {
  const saving = useSaving();
  return (
    <>
      <Pair {...pair} />
      <VerdictButtons saving={saving} judge={(verdict) => void saving.save(pair, verdict)} />
    </>
  );
}
