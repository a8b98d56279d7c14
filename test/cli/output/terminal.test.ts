import { existsSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { isUtf8, useColor, widthOf } from '../../../src/cli/output/terminal.ts';
import { PROGRAM } from '../../program.ts';
import { machine, plugin, removeDirectories, runCommand, temporaryDirectory, WAITS_FOR_EVER } from '../seaworthy.ts';

afterAll(removeDirectories);

const TERMINAL = { isTTY: true, columns: 100 };
const PIPE = { isTTY: false, columns: 0 };

test.each([
  [null, TERMINAL, {}, true],
  [null, PIPE, {}, false],
  [null, TERMINAL, { TERM: 'dumb' }, false],
  [null, TERMINAL, { NO_COLOR: '1' }, false],
  [null, TERMINAL, { NO_COLOR: '' }, true],
  [null, PIPE, { FORCE_COLOR: '1' }, true],
  [null, TERMINAL, { FORCE_COLOR: '0' }, false],
  [null, PIPE, { FORCE_COLOR: '1', NO_COLOR: '1' }, false],
  [null, PIPE, { FORCE_COLOR: '1', NO_COLOR: '' }, true],
  [true, PIPE, {}, false],
  [false, TERMINAL, { FORCE_COLOR: '1' }, false],
] as const)('colour: said %s, %o, %o → %s', (said, stream, environment, expected) => {
  expect(useColor(said, stream, environment)).toBe(expected);
});

test.each([
  [{}, false],
  [{ LANG: 'C' }, false],
  [{ LANG: 'en_GB.UTF-8' }, true],
  [{ LANG: 'de_DE.utf8' }, true],
  [{ LANG: 'en_GB.UTF-8', LC_ALL: 'C' }, false],
  [{ LANG: 'C', LC_CTYPE: 'C.UTF-8' }, true],
  [{ LANG: 'C.UTF-8', LC_ALL: '' }, true],
])('UTF-8: %o → %s', (environment, expected) => {
  expect(isUtf8(environment)).toBe(expected);
});

test('width', () => {
  expect([TERMINAL, PIPE, { isTTY: true, columns: 0 }].map(widthOf)).toEqual([100, 80, 80]);
});

// A terminal of its own for the program, by util-linux.
describe.skipIf(!existsSync('/usr/bin/script') && process.env['CI'] !== 'true').concurrent('on a terminal', () => {
  const slow = plugin(temporaryDirectory(), WAITS_FOR_EVER);
  const line = (args: string) =>
    `${PROGRAM.join(' ')} check --root ${machine()} --plugin ${slow} --only acme --timeout 700ms ${args}`;
  const onTerminal = (command: string, env = {}) =>
    runCommand(['script', '-qec', command, '/dev/null'], { env: { TERM: 'xterm', SHELL: '/bin/sh', ...env } });

  test('a line shows what is still running, and is gone at the end', async () => {
    const { stdout } = await onTerminal(line(''));
    expect(stdout).toContain('1 of 2 checks, still running: acme/slow');
    const [, afterLast = ''] = stdout.split(/still running: acme\/slow(?!.*still running)/s);
    expect(afterLast.startsWith('\r\u001B[2K')).toBe(true);
    // One time in a tenth of a second.
    expect(stdout.split('still running').length).toBeLessThan(12);
    expect(stdout).toContain('UNKNOWN');
  });

  test.each([
    ['a dumb one', '', { TERM: 'dumb' }],
    ['JSON', '--json', {}],
    ['standard error elsewhere', '2>/dev/null', {}],
  ])('no line: %s', async (_, args, env) => {
    const { stdout } = await onTerminal(line(args), env);
    expect(stdout).not.toContain('still running');
  });

  test('colour is for a terminal', async () => {
    expect((await onTerminal(line('2>/dev/null'))).stdout).toContain('\u001B[');
    expect((await onTerminal(line('2>/dev/null'), { NO_COLOR: '1' })).stdout).not.toContain('\u001B[');
  });
});
