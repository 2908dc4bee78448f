// Labelling: the pairs that a person should judge next, one after the other, by mouse or by keyboard.

import { useEffect, useRef, useState } from "preact/hooks";
import { percent, time } from "../format";
import { cursor } from "../paging";
import { Answer } from "../parts/answer";
import { Empty } from "../parts/empty";
import { LinkingJob } from "../parts/jobs";
import { Pager, usePages } from "../parts/pager";
import { Pair } from "../parts/pair";
import { Table } from "../parts/table";
import { Turn } from "../parts/turn";
import { useSaving, VERDICTS, type Verdict, VerdictButtons, wordsOf } from "../parts/verdict";
import { LabelQueue, Labels } from "../queries.gen";
import { go, href } from "../route";
import { useAsk } from "../use_ask";

const QUEUE = 20;
const PAGE = 25;

type Queued = NonNullable<typeof LabelQueue.answer>["labelQueue"];

export function Label({ parameters }: { readonly parameters: URLSearchParams }) {
  return (
    <LinkingJob chosen={parameters.get("job")} choose={(job) => go(href("label", { job }))}>
      {(job) => <OfJob key={job} job={job} />}
    </LinkingJob>
  );
}

function OfJob({ job }: { readonly job: string }) {
  const asked = useAsk(LabelQueue, { job, first: QUEUE });
  const [saved, setSaved] = useState(0);
  return (
    <>
      <Answer asked={asked} what="pairs to judge">
        {({ labelQueue }) =>
          labelQueue.length === 0 ? (
            <Empty>No pair of {job} waits for a judgment.</Empty>
          ) : (
            <Queue
              key={JSON.stringify(labelQueue)}
              job={job}
              queue={labelQueue}
              refill={asked.retry}
              onSaved={() => setSaved((count) => count + 1)}
            />
          )
        }
      </Answer>
      <Judged job={job} saved={saved} />
    </>
  );
}

interface Properties {
  readonly job: string;
  readonly queue: Queued;
  readonly refill: () => void;
  readonly onSaved: () => void;
}

function Queue({ job, queue, refill, onSaved }: Properties) {
  const [place, setPlace] = useState(0);
  const [verdicts, setVerdicts] = useState<ReadonlyMap<number, Verdict>>(new Map());
  const saving = useSaving();
  const link = queue[place];
  const turn = (step: number) => setPlace((place) => Math.min(Math.max(place + step, 0), queue.length - 1));
  const judge = async (verdict: Verdict) => {
    if (link !== undefined && (await saving.save({ job, idL: link.idL, idR: link.idR }, verdict))) {
      setVerdicts((verdicts) => new Map(verdicts).set(place, verdict));
      setPlace((now) => (now === place ? Math.min(place + 1, queue.length - 1) : now));
      onSaved();
    }
  };
  const group = useKeys({
    n: () => turn(1),
    ArrowRight: () => turn(1),
    p: () => turn(-1),
    ArrowLeft: () => turn(-1),
    ...Object.fromEntries(VERDICTS.map(({ key, verdict }) => [key, () => void judge(verdict)])),
  });
  if (link === undefined) {
    return null;
  }
  const said = verdicts.get(place);
  return (
    <div ref={group} tabIndex={-1} role="group" aria-label="Pairs to judge" class="queue">
      <div class="card heading">
        <p role="status">
          Pair {place + 1} of {queue.length}, match probability {percent(link.matchProbability)}
          {said !== undefined && <span class="badge good">you said {wordsOf(said)}</span>}
        </p>
        <div class="buttons">
          <Turn end={place === 0} turn={() => turn(-1)} shortcuts="p ArrowLeft">
            Previous <kbd>p</kbd>
          </Turn>
          <Turn end={place === queue.length - 1} turn={() => turn(1)} shortcuts="n ArrowRight">
            Next <kbd>n</kbd>
          </Turn>
          {verdicts.size > 0 && (
            <button type="button" onClick={refill}>
              Refill the queue
            </button>
          )}
        </div>
      </div>
      <VerdictButtons saving={saving} judge={(verdict) => void judge(verdict)} keys />
      <Pair job={job} idL={link.idL} idR={link.idR} />
    </div>
  );
}

/** Keys that work while the focus is in the element, which gets it at once; not in fields and tables that scroll. */
function useKeys(actions: Readonly<Record<string, () => void>>) {
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => element.current?.focus({ preventScroll: true }), []);
  useEffect(() => {
    const group = element.current;
    const act = (event: KeyboardEvent) => {
      const elsewhere = (event.target as Element).closest("input, select, textarea, .scroll") !== null;
      if (!elsewhere && !event.ctrlKey && !event.metaKey && !event.altKey) {
        actions[event.key]?.();
      }
    };
    group?.addEventListener("keydown", act);
    return () => group?.removeEventListener("keydown", act);
  });
  return element;
}

function Judged({ job, saved }: { readonly job: string; readonly saved: number }) {
  const [pages, turn] = usePages(job);
  const asked = useAsk(Labels, { job, first: PAGE, after: cursor(pages) });
  const { retry } = asked;
  useEffect(() => {
    if (saved > 0) {
      retry();
    }
  }, [saved, retry]);
  return (
    <section aria-labelledby="judged-title" class="card">
      <h2 id="judged-title">Judgments so far</h2>
      <Answer asked={asked} what="judgments">
        {({ labels }) =>
          labels.nodes.length === 0 ? (
            <p class="hint">None yet. They are kept with who and when.</p>
          ) : (
            <>
              <Table
                caption="Judgments so far"
                hideCaption
                rows={labels.nodes}
                columns={[
                  { head: "Left", kind: "code", cell: (label) => label.idL },
                  { head: "Right", kind: "code", cell: (label) => label.idR },
                  { head: "Judgment", cell: (label) => wordsOf(label.verdict) },
                  { head: "By", cell: (label) => label.by },
                  { head: "When", cell: (label) => time(label.at) },
                  {
                    head: "Why",
                    cell: ({ idL, idR }) => (
                      <a href={href("explorer", { job, idL, idR })} aria-label={`Explain ${idL} and ${idR}`}>
                        explain
                      </a>
                    ),
                  },
                ]}
              />
              <Pager
                what="judgments"
                pages={pages}
                info={labels.pageInfo}
                size={PAGE}
                rows={labels.nodes.length}
                turn={turn}
              />
            </>
          )
        }
      </Answer>
    </section>
  );
}
