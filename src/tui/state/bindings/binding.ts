import type { State } from '../state.ts';
import type { Step } from '../step.ts';

/** What a key does, and when: the footer and the help show what this table says, and nothing else is obeyed. */
export interface Binding {
  readonly keys: readonly string[];
  /** As the footer shows the keys. */
  readonly shown: string;
  /** For the footer: a word or two. */
  readonly words: string;
  /** For the help. */
  readonly help: string;
  /** Whether it would do anything now. */
  readonly valid: (state: State) => boolean;
  readonly act: (state: State) => Step;
  /** Left out of the footer, where there is never room for all: moving is. */
  readonly quiet?: boolean;
}
