// A client of the one GraphQL endpoint that the pages ask.

/** A query as text; its type says what it takes and answers. */
export interface Query<Answer, Variables> {
  readonly text: string;
  /** Never there: they carry the types. */
  readonly answer?: Answer;
  readonly variables?: Variables;
}

/** What config.json beside the page says. */
interface Config {
  readonly endpoint: string;
  readonly apiKey?: string;
}

interface Failure {
  readonly message: string;
  /** Where AppSync says it. */
  readonly errorType?: string;
  /** Where other servers say it. */
  readonly extensions?: { readonly errorType?: string; readonly code?: string };
}

interface Body<Answer> {
  readonly data?: Answer | null;
  readonly errors?: readonly Failure[];
}

/** An answer that did not come; `code` is one of the contract's error types, `UNREACHABLE` or `HTTP` with a status. */
export class AskError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

let config: Promise<Config> | undefined;

async function readConfig(): Promise<Config> {
  const response = await fetch("config.json");
  return response.ok ? ((await response.json()) as Config) : { endpoint: "graphql" };
}

/**
 * Asks one query.
 *
 * @throws AskError when the endpoint cannot be reached or answers with an error.
 */
export async function ask<Answer, Variables>(
  query: Query<Answer, Variables>,
  variables: Variables,
  signal?: AbortSignal,
): Promise<Answer> {
  const response = await post({ query: query.text, variables }, { signal });
  const body = (await response.json().catch(() => ({}))) as Body<Answer>;
  const failure = body.errors?.[0];
  if (failure !== undefined) {
    throw new AskError(codeOf(failure), failure.message);
  }
  if (!response.ok || body.data === undefined || body.data === null) {
    throw new AskError(`HTTP ${response.status}`, "The endpoint gave no GraphQL answer.");
  }
  return body.data;
}

interface Sending {
  readonly signal?: AbortSignal | undefined;
  /** Beside those that config.json asks for. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/**
 * Sends a request in JSON to the endpoint that config.json names, with its key.
 *
 * @throws AskError when the endpoint cannot be reached.
 */
export async function post(body: unknown, { signal, headers }: Sending = {}): Promise<Response> {
  try {
    config ??= readConfig();
    const { endpoint, apiKey } = await config;
    const key = apiKey === undefined ? {} : { "x-api-key": apiKey };
    const sent = { "content-type": "application/json", ...key, ...headers };
    return await fetch(endpoint, { method: "POST", headers: sent, body: JSON.stringify(body), signal: signal ?? null });
  } catch (error) {
    config = undefined;
    if (signal?.aborted === true) {
      throw error;
    }
    throw new AskError("UNREACHABLE", `The GraphQL endpoint cannot be reached (${String(error)}).`);
  }
}

function codeOf(failure: Failure): string {
  return failure.errorType ?? failure.extensions?.errorType ?? failure.extensions?.code ?? "INTERNAL";
}
