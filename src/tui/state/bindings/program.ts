import { show } from '../opening.ts';
import type { Binding } from './binding.ts';
import { always, isText, not } from './when.ts';

/** Of any program on a terminal. */
export const PROGRAM: readonly Binding[] = [
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
