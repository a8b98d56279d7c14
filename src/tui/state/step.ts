import type { State } from './state.ts';

/** What is to be done outside of the state. */
export type Effect =
  | { readonly do: 'run'; readonly only: readonly string[] | null }
  | { readonly do: 'copy'; readonly text: string }
  | { readonly do: 'write'; readonly path: string; readonly what: 'report' | 'remedy' }
  | { readonly do: 'page'; readonly check: string }
  | { readonly do: 'askForPeer' }
  | { readonly do: 'addPeer'; readonly name: string; readonly token: string | null }
  | { readonly do: 'suspend' | 'redraw' }
  /** With this exit code; null for that of the report. */
  | { readonly do: 'leave'; readonly code: number | null };

/** The next state, and what is to be done. */
export type Step = readonly [state: State, ...effects: readonly Effect[]];
