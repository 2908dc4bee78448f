// Three buttons to say of a pair whether it is a link, and who says so.

import { useRef, useState } from "preact/hooks";
import { ask, AskError } from "../graphql";
import { SaveLabel } from "../queries.gen";
import type { PairOfJob } from "./pair";

export type Verdict = "LINK" | "NOT_LINK" | "UNSURE";

export const VERDICTS: readonly { readonly verdict: Verdict; readonly words: string; readonly key: string }[] = [
  { verdict: "LINK", words: "link", key: "1" },
  { verdict: "NOT_LINK", words: "not a link", key: "2" },
  { verdict: "UNSURE", words: "unsure", key: "3" },
];

const STORED_NAME = "lotline.name";

export function wordsOf(verdict: Verdict): string {
  return VERDICTS.find((entry) => entry.verdict === verdict)?.words ?? verdict;
}

export interface Saving {
  /** What came of the last verdict, in words. */
  readonly message: string;
  readonly error: AskError | undefined;
  readonly name: string;
  readonly rename: (name: string) => void;
  /** Keeps a verdict; true when it was kept. While one is on its way another is not taken. */
  readonly save: (pair: PairOfJob, verdict: Verdict) => Promise<boolean>;
}

export function useSaving(): Saving {
  const [message, setMessage] = useState("");
  const [error, setError] = useState<AskError>();
  const [name, setName] = useState(() => localStorage.getItem(STORED_NAME) ?? "");
  const busyRef = useRef(false);
  const rename = (name: string) => {
    localStorage.setItem(STORED_NAME, name);
    setName(name);
  };
  const save = async (pair: PairOfJob, verdict: Verdict) => {
    if (busyRef.current) {
      return false;
    }
    busyRef.current = true;
    try {
      // As it is now: a key may come before the page knows what was typed last.
      const by = localStorage.getItem(STORED_NAME);
      const { label } = await ask(SaveLabel, { ...pair, verdict, by: by === "" ? null : by });
      setError(undefined);
      setMessage(`Saved: ${pair.idL} and ${pair.idR}, ${wordsOf(label.verdict)}, says ${label.by}.`);
      return true;
    } catch (reason) {
      setError(reason instanceof AskError ? reason : new AskError("INTERNAL", String(reason)));
      return false;
    } finally {
      busyRef.current = false;
    }
  };
  return { message, error, name, rename, save };
}

interface Properties {
  readonly saving: Saving;
  readonly judge: (verdict: Verdict) => void;
  /** Whether the keys 1, 2 and 3 do the same. */
  readonly keys?: boolean;
}

export function VerdictButtons({ saving, judge, keys = false }: Properties) {
  return (
    <section aria-label="Your judgment" class="card verdicts">
      <div class="buttons" role="group" aria-label="Is it a link?">
        {VERDICTS.map(({ verdict, words, key }) => (
          <button key={verdict} type="button" onClick={() => judge(verdict)} aria-keyshortcuts={keys ? key : undefined}>
            {words}
            {keys && <kbd>{key}</kbd>}
          </button>
        ))}
      </div>
      <label class="field">
        Your name
        <input value={saving.name} autocomplete="name" onInput={(event) => saving.rename(event.currentTarget.value)} />
      </label>
      <p role="status">{saving.message}</p>
      {saving.error !== undefined && (
        <p role="alert" class="failure">
          <strong>{saving.error.code}</strong> {saving.error.message} The judgment is not saved; press the button again.
        </p>
      )}
    </section>
  );
}
