// Asks a query while a view is shown, and again when its variables change.

import { useCallback, useEffect, useState } from "preact/hooks";
import { ask, AskError, type Query } from "./graphql";

export interface Asked<Answer> {
  /** The last answer; while the next one loads it stays. */
  readonly data: Answer | undefined;
  readonly error: AskError | undefined;
  readonly loading: boolean;
  readonly retry: () => void;
}

/** `variables` of null ask nothing. */
export function useAsk<Answer, Variables>(query: Query<Answer, Variables>, variables: Variables | null): Asked<Answer> {
  const [data, setData] = useState<Answer>();
  const [error, setError] = useState<AskError>();
  const [loading, setLoading] = useState(variables !== null);
  const [attempt, setAttempt] = useState(0);
  const key = variables === null ? null : JSON.stringify(variables);

  useEffect(() => {
    if (key === null) {
      return undefined;
    }
    const controller = new AbortController();
    setLoading(true);
    ask(query, JSON.parse(key) as Variables, controller.signal).then(
      (answer) => {
        setData(answer);
        setError(undefined);
        setLoading(false);
      },
      (reason: unknown) => {
        if (!controller.signal.aborted) {
          setError(reason instanceof AskError ? reason : new AskError("INTERNAL", String(reason)));
          setLoading(false);
        }
      },
    );
    return () => controller.abort();
  }, [query, key, attempt]);

  const retry = useCallback(() => setAttempt((count) => count + 1), []);
  return { data, error, loading, retry };
}
