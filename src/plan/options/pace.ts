import { formatDuration } from '../../values/duration.ts';
import { durationBetween, integerBetween } from '../value-parsers.ts';
import { last, option } from './define-option.ts';
import type { Option } from './option.ts';
import { READING } from './taken-by.ts';

/** How long it may take. */
export const PACE_OPTIONS: readonly Option[] = [
  option({
    name: 'timeout',
    setting: 'timeout',
    hint: 'DURATION',
    help: 'how long one attempt may take',
    commands: READING,
    parse: (texts) => ({ timeout: durationBetween(10, 600_000, '10ms to 10m, such as 5s')(last(texts)) }),
    write: ({ timeout }) => formatDuration(timeout),
  }),
  option({
    name: 'budget',
    setting: 'budget',
    hint: 'DURATION',
    help: 'how long the whole run may take',
    commands: READING,
    parse: (texts) => ({ budget: durationBetween(10, 86_400_000, '10ms to 24h, such as 30s')(last(texts)) }),
    write: ({ budget }) => formatDuration(budget),
  }),
  option({
    name: 'concurrency',
    setting: 'concurrency',
    hint: 'N',
    help: 'how many facts are read at a time',
    commands: READING,
    parse: (texts) => ({ concurrency: integerBetween(1, 256)(last(texts)) }),
    write: ({ concurrency }) => concurrency,
  }),
];
