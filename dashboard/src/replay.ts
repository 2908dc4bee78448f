// How rows that were set aside come back, as commands.

interface Job {
  readonly job: string;
  readonly sources: readonly string[];
}

/** Rows of a source that broke a rule, or any rule. */
export interface Aside {
  readonly source: string;
  readonly rule: string | null;
  /** Files of the source that have such rows. */
  readonly files: readonly string[];
}

/** Shows the rows that would come back. */
export function look({ source, rule }: Aside): string {
  const where = rule === null ? "" : ` WHERE rule = ${literal(rule)}`;
  return `lotline sql ${quoted(`SELECT file, row_number, reason, raw FROM ${source}_quarantine${where}`)}`;
}

/** Reads the files again on one machine; of sources that are not known, `FILE` stands for their files. */
export function runAgain({ source, files }: Aside, job: Job | undefined): string {
  const sources = job?.sources ?? [source];
  const inputs = sources.flatMap((name) =>
    (name === source && files.length > 0 ? files : ["FILE"]).map((file) => `--input ${quoted(`${name}=${file}`)}`),
  );
  return ["lotline run", `jobs/${job?.job ?? "JOB"}`, ...inputs].join(" ");
}

/** The same on AWS. */
export function runAgainOnAws(job: Job | undefined): readonly string[] {
  const name = job?.job ?? "JOB";
  return [`lotline-aws settings push jobs/${name} --stack lotline`, `lotline-aws runs start ${name} --stack lotline`];
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A word for the shell, in the quotes that leave most of it as it is. */
function quoted(text: string): string {
  if (/^[\w@%+=:,./-]+$/.test(text)) {
    return text;
  }
  const plain = !/["$`\\!]/.test(text);
  return plain ? `"${text}"` : `'${text.replaceAll("'", `'\\''`)}'`;
}
