// A button to the next or to the previous thing. At the end it does nothing and says so, but keeps the focus.

import type { ComponentChildren } from "preact";

interface Properties {
  readonly end: boolean;
  readonly turn: () => void;
  readonly shortcuts?: string;
  readonly children: ComponentChildren;
}

export function Turn({ end, turn, shortcuts, children }: Properties) {
  return (
    <button type="button" aria-disabled={end} aria-keyshortcuts={shortcuts} onClick={() => !end && turn()}>
      {children}
    </button>
  );
}
