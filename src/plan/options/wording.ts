import { onOff } from './define-option.ts';
import type { Option } from './option.ts';
import { CATALOGUE, REPORTING } from './taken-by.ts';

/** How it is written. */
export const WORDING_OPTIONS: readonly Option[] = [
  onOff(
    {
      name: 'redact',
      setting: 'redact',
      help: 'hide names, addresses and identities in all that is written, the same one always behind the same word',
      commands: ['check', 'mesh', 'serve', 'facts', 'compare', 'config'],
      write: ({ redact }) => redact,
    },
    (redact) => ({ redact }),
  ),
  onOff(
    {
      name: 'no-color',
      setting: 'color',
      help: 'no colours, even on a terminal',
      commands: [...CATALOGUE, 'diff'],
      write: ({ color }) => (color === null ? null : !color),
    },
    (on) => ({ color: !on }),
  ),
  onOff(
    {
      name: 'ascii',
      setting: 'ascii',
      help: 'no characters beyond ASCII',
      commands: [...CATALOGUE, 'diff'],
      write: ({ ascii }) => ascii,
    },
    (ascii) => ({ ascii }),
  ),
  onOff(
    {
      name: 'quiet',
      short: 'q',
      setting: 'quiet',
      help: 'only what is not pass or skip, and the verdict',
      commands: REPORTING,
      write: ({ quiet }) => quiet,
    },
    (quiet) => ({ quiet }),
  ),
  onOff(
    {
      name: 'verbose',
      short: 'v',
      setting: 'verbose',
      help: 'every finding',
      commands: [...REPORTING, 'serve'],
      write: ({ verbose }) => verbose,
    },
    (verbose) => ({ verbose }),
  ),
];
