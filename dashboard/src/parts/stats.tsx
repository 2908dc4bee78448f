// A few numbers that matter, each with its name.

import type { ComponentChildren } from "preact";

export interface Stat {
  readonly name: string;
  readonly value: string;
  readonly note?: ComponentChildren;
}

export function Stats({ stats }: { readonly stats: readonly Stat[] }) {
  return (
    <dl class="stats">
      {stats.map((stat) => (
        <div key={stat.name}>
          <dt>{stat.name}</dt>
          <dd class="value">{stat.value}</dd>
          {stat.note !== undefined && <dd class="note">{stat.note}</dd>}
        </div>
      ))}
    </dl>
  );
}
