import type { Node } from '../../engine/node.ts';
import type { ProbeProgress } from '../../evidence/source.ts';
import type { CheckReport, Report } from '../../report/schema.ts';
import type { Size } from '../terminal/terminal.ts';

/** All that the screen shows follows from this. */
export interface State {
  readonly size: Size;
  /** Milliseconds since 1970, as of the last tick. */
  readonly now: number;
  readonly results: Results;
  /** What is open, the one that is seen last; the first is always the overview. */
  readonly views: readonly View[];
  /** Categories that the user opened or closed. */
  readonly unfolded: Readonly<Record<string, boolean>>;
  readonly faultsOnly: boolean;
  readonly filter: string;
  readonly prompt: Prompt | null;
  /** A sentence about what was just done, until the next key. */
  readonly notice: Notice | null;
  /** Milliseconds between two runs; null when nobody watches. */
  readonly watch: number | null;
  /** Pages of checks, as far as they were asked for. */
  readonly pages: Readonly<Record<string, string>>;
  readonly given: Given;
}

/** What does not change while the UI is open. */
export interface Given {
  /** False: some facts are shown to root alone. */
  readonly root: boolean;
  /** Milliseconds after which a run is ended. */
  readonly budget: number;
  /** The line that makes another machine a peer. */
  readonly peerLine: string;
}

interface Notice {
  readonly text: string;
  readonly wrong: boolean;
}

/** What is known so far. */
export interface Results {
  /** In the order of the catalogue. */
  readonly checks: readonly CheckState[];
  readonly nodes: readonly Node[];
  /** Of the last whole run, with what was run again since; null while the first one goes on. */
  readonly report: Report | null;
  readonly running: Running | null;
  /** When the last run ended; null while there was none. */
  readonly endedAt: number | null;
  readonly log: readonly LogLine[];
}

export interface CheckState {
  readonly id: string;
  readonly title: string;
  readonly category: string;
  readonly running: boolean;
  /** Kept until there is a new one. */
  readonly report: CheckReport | null;
  /** What it was before that. */
  readonly previous: CheckReport | null;
  /** It runs only where somebody asks for it, and the plan does not. */
  readonly unasked: boolean;
  readonly judgedAt: number | null;
}

export interface Running {
  /** What of the checks is run; null for all that the plan says. */
  readonly only: readonly string[] | null;
  readonly startedAt: number;
  readonly total: number;
  readonly done: number;
  readonly packets: ProbeProgress | null;
  /** Nodes were told of in this run. */
  readonly met: boolean;
}

export interface LogLine {
  readonly at: number;
  readonly text: string;
}

export const LAYERS = ['all', 'tcp', 'udp', 'mtu'] as const;
export type Layer = (typeof LAYERS)[number];

/** Whose findings a list shows. */
export type Subject =
  { readonly of: 'check'; readonly id: string } | { readonly of: 'pair'; readonly from: string; readonly to: string };

/** What there is to read. */
export type Text =
  | { readonly of: 'finding' | 'remedy'; readonly key: string }
  | { readonly of: 'page'; readonly check: string }
  | { readonly of: 'log' | 'help' };

export type View =
  /** The key of the selected row. */
  | { readonly kind: 'overview'; readonly selected: string | null }
  /** The key of the selected finding. */
  | { readonly kind: 'findings'; readonly subject: Subject; readonly selected: string | null }
  | { readonly kind: 'matrix'; readonly from: string | null; readonly to: string | null; readonly layer: Layer }
  /** The first line that is seen. */
  | { readonly kind: 'text'; readonly text: Text; readonly top: number };

export type Prompt =
  | { readonly kind: 'filter'; readonly before: string }
  /** Where to write it. */
  | { readonly kind: 'save'; readonly what: 'report' | 'remedy'; readonly path: string }
  /** May this be run, which nobody asked for yet? */
  | { readonly kind: 'confirm'; readonly check: string }
  | PeerForm;

export interface PeerForm {
  readonly kind: 'peer';
  readonly role: 'any' | 'control-plane' | 'worker' | 'etcd';
  readonly address: string;
  /** Null where there is a token already. */
  readonly token: string | null;
  readonly field: 'role' | 'address' | 'token';
  /** The machine is being asked. */
  readonly busy: boolean;
}

export const SMALLEST: Size = { columns: 60, rows: 15 };

export function initialState(size: Size, now: number, given: Given): State {
  return {
    size,
    now,
    results: { checks: [], nodes: [], report: null, running: null, endedAt: null, log: [] },
    views: [{ kind: 'overview', selected: null }],
    unfolded: {},
    faultsOnly: false,
    filter: '',
    prompt: null,
    notice: null,
    watch: null,
    pages: {},
    given,
  };
}

export function viewOf({ views }: State): View {
  return views.at(-1) ?? { kind: 'overview', selected: null };
}

/** With this instead of what is seen. */
export function withView(state: State, view: View): State {
  return { ...state, views: [...state.views.slice(0, -1), view] };
}

/** Rows between the header with its line, and the footer. */
export function bodyHeight({ size }: State): number {
  return Math.max(1, size.rows - 5);
}
