import { formatDuration } from '../../values/duration.ts';
import { durationBetween } from '../value-parsers.ts';
import { last, onOff, option } from './define-option.ts';
import type { Option } from './option.ts';

const SERVING = ['serve', 'config'] as const;

/** Runs on an interval. */
export const SERVING_OPTIONS: readonly Option[] = [
  option({
    name: 'interval',
    setting: 'interval',
    hint: 'DURATION',
    help: 'from the start of one run to the next; a run that takes longer leaves some out',
    commands: SERVING,
    parse: (texts) => ({ interval: durationBetween(10, 86_400_000, '10ms to 24h, such as 60s')(last(texts)) }),
    write: ({ interval }) => formatDuration(interval),
  }),
  onOff(
    {
      name: 'allow-remote',
      setting: 'allowRemote',
      help: 'serve on an address that other machines reach: whoever does reads the whole report, without a password',
      commands: SERVING,
      write: ({ allowRemote }) => allowRemote,
    },
    (allowRemote) => ({ allowRemote }),
  ),
];
