import { jump, move, page, sideways } from '../moving.ts';
import type { Binding } from './binding.ts';
import { hasRows, on } from './when.ts';

/** Where the selection goes. */
export const MOVING: readonly Binding[] = [
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
];
