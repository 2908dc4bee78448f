// What a view says where there is no data yet: which command makes it.

import type { ComponentChildren } from "preact";

interface Properties {
  readonly children: ComponentChildren;
  readonly commands?: readonly string[];
}

export function Empty({ children, commands = [] }: Properties) {
  return (
    <div class="empty">
      <p>{children}</p>
      {commands.length > 0 && <Commands lines={commands} />}
    </div>
  );
}

/** Commands to copy into a terminal. */
export function Commands({ lines }: { readonly lines: readonly string[] }) {
  return (
    // A region that scrolls must take the focus, or the keyboard cannot scroll it.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <pre class="commands" tabIndex={0} role="group" aria-label="Commands">
      <code>{lines.join("\n")}</code>
    </pre>
  );
}
