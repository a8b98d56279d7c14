import { selectedCheck } from '../findings.ts';
import { copyLink, copyRemedy, linkOf, startSave } from '../handing-over.ts';
import { openMatrix, openPage, read, show } from '../opening.ts';
import { canRun, nextWatch, runSelected } from '../running.ts';
import type { Binding } from './binding.ts';
import { always, both, hasRemedy, idle, isText, not, on } from './when.ts';

/** What is run, what is handed over, and what is shown beside the findings. */
export const DOING: readonly Binding[] = [
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
];
