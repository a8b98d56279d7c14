import { FORMAT_NAMES } from '../../values/format-names.ts';
import { oneOf, outputTarget } from '../value-parsers.ts';
import { last, list, onOff, option } from './define-option.ts';
import type { Option } from './option.ts';
import { JUDGING, REPORTING } from './taken-by.ts';

const FAIL_ON = ['fail', 'unknown', 'warn'] as const;

/** What becomes of the report. */
export const REPORT_OPTIONS: readonly Option[] = [
  option({
    name: 'output',
    short: 'o',
    setting: 'output',
    hint: 'FORMAT[=FILE]',
    repeatable: 'paths',
    allowed: FORMAT_NAMES,
    help: 'how to print the report, and where to',
    commands: [...REPORTING, 'serve'],
    parse: (texts) => ({ output: texts.map(outputTarget(FORMAT_NAMES)) }),
    write: ({ output }) => list(output.map(({ format, file }) => (file === null ? format : `${format}=${file}`))),
  }),
  onOff(
    {
      name: 'json',
      setting: 'output',
      help: 'the same as --output json',
      commands: [...REPORTING, 'list'],
      write: () => null,
    },
    (on) => (on ? { output: [{ format: 'json', file: null }] } : {}),
  ),
  option({
    name: 'fail-on',
    setting: 'failOn',
    hint: 'STATUS',
    allowed: FAIL_ON,
    help: 'the mildest status that makes the exit code other than 0',
    commands: JUDGING,
    parse: (texts) => ({ failOn: oneOf(FAIL_ON)(last(texts)) }),
    write: ({ failOn }) => failOn,
  }),
];
