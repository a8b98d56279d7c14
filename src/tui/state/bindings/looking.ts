import { fault, hasFaults } from '../moving.ts';
import { back, canOpen, nextLayer, open, startFilter } from '../opening.ts';
import { LAYERS } from '../state.ts';
import type { Binding } from './binding.ts';
import { on } from './when.ts';

/** What is looked at, and what of it is left out. */
export const LOOKING: readonly Binding[] = [
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
];
