// What stands for an answer while it loads, and when it does not come.

import type { ComponentChildren } from "preact";
import type { Asked } from "../use_ask";

interface Properties<Data> {
  readonly asked: Asked<Data>;
  /** What is asked for, in a word or two. */
  readonly what: string;
  readonly children: (data: Data) => ComponentChildren;
}

export function Answer<Data>({ asked, what, children }: Properties<Data>) {
  const { data, error, loading, retry } = asked;
  return (
    <>
      <p role="status" class={loading && data === undefined ? "loading" : "visually-hidden"}>
        {loading ? `Loading ${what} …` : ""}
      </p>
      {error !== undefined && (
        <div role="alert" class="failure">
          <p>
            <strong>{error.code}</strong> {error.message}
          </p>
          <button type="button" onClick={retry}>
            Try again
          </button>
        </div>
      )}
      {data !== undefined && error === undefined && <div aria-busy={loading}>{children(data)}</div>}
    </>
  );
}
