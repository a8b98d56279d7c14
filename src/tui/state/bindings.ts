import type { State } from './state.ts';
import { LAYERS, viewOf } from './state.ts';
import { back, canOpen, nextLayer, open, openMatrix, openPage, read, show, startFilter } from './opening.ts';
import { canRun, nextWatch, runSelected } from './running.ts';
import { copyLink, copyRemedy, linkOf, startSave } from './handing-over.ts';
import { fault, hasFaults, jump, move, page, sideways } from './moving.ts';
import type { Step } from './step.ts';
import { selectedCheck, selectedFinding } from './findings.ts';
import { rowsOf } from './rows.ts';

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

const on =
  (...kinds: readonly string[]) =>
  (state: State): boolean =>
    kinds.includes(viewOf(state).kind);
const always = () => true;
const idle = ({ results }: State) => results.running === null;

const hasRemedy = (state: State) => selectedFinding(state)?.remedy !== undefined;
const hasRows = (state: State) => viewOf(state).kind !== 'overview' || rowsOf(state).length > 0;
const isText = (of: string) => (state: State) => {
  const view = viewOf(state);
  return view.kind === 'text' && view.text.of === of;
};
const not = (valid: (state: State) => boolean) => (state: State) => !valid(state);
const both = (a: (state: State) => boolean, b: (state: State) => boolean) => (state: State) => a(state) && b(state);

/** In the order in which the footer shows them. */
export const BINDINGS: readonly Binding[] = [
  {
    keys: ['up', 'k'],
    shown: '↑↓',
    words: 'move',
    help: 'up, down: move, or scroll (also k and j)',
    valid: hasRows,
    act: (state) => move(state, -1),
  },
  {
    keys: ['down', 'j'],
    shown: '↓',
    words: '',
    help: '',
    valid: hasRows,
    act: (state) => move(state, 1),
    quiet: true,
  },
  {
    keys: ['left', 'h'],
    shown: '←→',
    words: 'fold',
    help: 'left, right: fold and unfold a category; in the matrix move to the side (also h and l)',
    valid: on('overview', 'matrix'),
    act: (state) => sideways(state, -1),
    quiet: true,
  },
  {
    keys: ['right', 'l'],
    shown: '→',
    words: '',
    help: '',
    valid: on('overview', 'matrix'),
    act: (state) => sideways(state, 1),
    quiet: true,
  },
  {
    keys: ['pageup', 'ctrl-b'],
    shown: 'PgUp',
    words: 'page',
    help: 'PgUp, PgDn: a page up or down (also Ctrl-B and Ctrl-F)',
    valid: hasRows,
    act: (state) => page(state, -1),
    quiet: true,
  },
  {
    keys: ['pagedown', 'ctrl-f', ' '],
    shown: 'PgDn',
    words: '',
    help: '',
    valid: hasRows,
    act: (state) => page(state, 1),
    quiet: true,
  },
  {
    keys: ['g', 'home'],
    shown: 'g G',
    words: 'top, end',
    help: 'g, G: to the first, to the last (also Home and End)',
    valid: hasRows,
    act: (state) => jump(state, 'first'),
    quiet: true,
  },
  {
    keys: ['G', 'end'],
    shown: 'G',
    words: '',
    help: '',
    valid: hasRows,
    act: (state) => jump(state, 'last'),
    quiet: true,
  },
  {
    keys: ['enter'],
    shown: '⏎',
    words: 'open',
    help: 'Enter: open what is selected: a check, a finding with all its evidence, both sides of a pair',
    valid: canOpen,
    act: open,
  },
  {
    keys: ['escape', 'backspace'],
    shown: 'Esc',
    words: 'back',
    help: 'Esc: back; in the overview it ends a filter',
    valid: (state) => state.views.length > 1 || state.filter !== '' || state.faultsOnly,
    act: back,
  },
  {
    keys: ['tab'],
    shown: 'Tab',
    words: 'layer',
    help: `Tab: the layer of the matrix (${LAYERS.join(', ')})`,
    valid: on('matrix'),
    act: nextLayer,
  },
  {
    keys: ['n'],
    shown: 'n',
    words: 'next fault',
    help: 'n, N: next and previous fault',
    valid: hasFaults,
    act: (state) => fault(state, 1),
  },
  {
    keys: ['N'],
    shown: 'N',
    words: '',
    help: '',
    valid: hasFaults,
    act: (state) => fault(state, -1),
    quiet: true,
  },
  {
    keys: ['/'],
    shown: '/',
    words: 'filter',
    help: '/: filter as you type by id, node, subject, reason or message; Enter keeps it, Esc ends it',
    valid: on('overview', 'findings'),
    act: startFilter,
  },
  {
    keys: ['f'],
    shown: 'f',
    words: 'faults',
    help: 'f: only what failed, is unknown or warns',
    valid: on('overview', 'findings', 'matrix'),
    act: (state) => [{ ...state, faultsOnly: !state.faultsOnly }],
  },
  {
    keys: ['r'],
    shown: 'r',
    words: 're-run',
    help: 'r: run again what is selected: a check, a category, the checks about a pair. What was not asked for is run now; what it does to the machine is asked first',
    valid: both(idle, canRun),
    act: runSelected,
  },
  {
    keys: ['R'],
    shown: 'R',
    words: 'all',
    help: 'R: run everything again',
    valid: idle,
    act: (state) => [state, { do: 'run', only: null }],
  },
  {
    keys: ['x'],
    shown: 'x',
    words: 'remedy',
    help: 'x: what to do about it, with the commands',
    valid: both(hasRemedy, not(isText('remedy'))),
    act: (state) => read(state, 'remedy'),
  },
  {
    keys: ['c'],
    shown: 'c',
    words: 'copy',
    help: "c: copy the remedy's commands to the clipboard of your terminal (OSC 52); in the form for peers the line to paste",
    valid: hasRemedy,
    act: copyRemedy,
  },
  {
    keys: ['C'],
    shown: 'C',
    words: 'to a file',
    help: 'C: write the commands to a file, where the terminal has no clipboard',
    valid: hasRemedy,
    act: (state) => startSave(state, 'remedy'),
    quiet: true,
  },
  {
    keys: ['m'],
    shown: 'm',
    words: 'matrix',
    help: 'm: the matrix of nodes: rows send, columns receive',
    valid: not(on('matrix')),
    act: openMatrix,
  },
  {
    keys: ['p'],
    shown: 'p',
    words: 'add a peer',
    help: 'p: add another machine, and the line to paste there',
    valid: idle,
    act: (state) => [state, { do: 'askForPeer' }],
  },
  {
    keys: ['w'],
    shown: 'w',
    words: 'watch',
    help: 'w: watch: run everything again every 10 s, 30 s, 60 s, or not; what changed is marked',
    valid: always,
    act: nextWatch,
  },
  {
    keys: ['s'],
    shown: 's',
    words: 'save',
    help: 's: save the report as JSON',
    valid: ({ results }) => results.report !== null,
    act: (state) => startSave(state, 'report'),
  },
  {
    keys: ['L'],
    shown: 'L',
    words: 'log',
    help: 'L: the log of the runs',
    valid: not(isText('log')),
    act: (state) => show(state, { of: 'log' }),
  },
  {
    keys: ['o'],
    shown: 'o',
    words: 'link',
    help: 'o: show the link to the official page, and copy it',
    valid: (state) => linkOf(state) !== null,
    act: copyLink,
  },
  {
    keys: ['e'],
    shown: 'e',
    words: 'page',
    help: "e: the check's page: why it matters, how it is judged, how to fix it, when to ignore it",
    valid: (state) => selectedCheck(state) !== null && !isText('page')(state),
    act: openPage,
  },
  {
    keys: ['?'],
    shown: '?',
    words: 'help',
    help: '?: this help',
    valid: not(isText('help')),
    act: (state) => show(state, { of: 'help' }),
  },
  {
    keys: ['q'],
    shown: 'q',
    words: 'quit',
    help: 'q: quit; the summary stays on the terminal, and the exit code is that of check',
    valid: always,
    act: (state) => [state, { do: 'leave', code: null }],
  },
  {
    keys: ['ctrl-c'],
    shown: '^C',
    words: 'quit',
    help: 'Ctrl-C: quit with 130',
    valid: always,
    act: (state) => [state, { do: 'leave', code: 130 }],
    quiet: true,
  },
  {
    keys: ['ctrl-\\'],
    shown: '^\\',
    words: 'quit',
    help: '',
    valid: always,
    act: (state) => [state, { do: 'leave', code: 131 }],
    quiet: true,
  },
  {
    keys: ['ctrl-z'],
    shown: '^Z',
    words: 'stop',
    help: 'Ctrl-Z: stop, as any program; fg brings it back',
    valid: always,
    act: (state) => [state, { do: 'suspend' }],
    quiet: true,
  },
  {
    keys: ['ctrl-l'],
    shown: '^L',
    words: 'redraw',
    help: 'Ctrl-L: draw the screen anew',
    valid: always,
    act: (state) => [state, { do: 'redraw' }],
    quiet: true,
  },
];

export function bindingOf(state: State, key: string): Binding | undefined {
  return BINDINGS.find(({ keys, valid }) => keys.includes(key) && valid(state));
}
