import { execFileSync, spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatDuration, parseDuration } from '../../src/values/duration.ts';
import { isUnicastMac, parseMac } from '../../src/values/mac.ts';
import { printable } from '../../src/values/printable.ts';
import { shellQuote } from '../../src/values/shell.ts';
import { verdictOf, worst } from '../../src/values/status.ts';
import { atLeast, compareVersions, minorOf, parseVersion } from '../../src/values/version.ts';

test.each([
  ['0', 0],
  ['500ms', 500],
  ['5s', 5000],
  ['1m30s', 90_000],
  ['1.5m', 90_000],
  ['2h', 7_200_000],
])('duration %s is %d ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each(['', '5', 's', '-1s', '5 s', '5x', '1e3s', '1..5s'])('duration %s is none', (text) => {
  expect(parseDuration(text)).toBeNull();
});

test('a printed duration reads back', () => {
  fc.assert(
    fc.property(fc.nat(), (ms) => {
      expect(parseDuration(formatDuration(ms))).toBe(ms);
    }),
  );
});

test('hardware addresses', () => {
  expect(parseMac('02-AB-00-00-00-0F\n')).toBe('02:ab:00:00:00:0f');
  expect(['', '02:ab', '02:ab:00:00:00:0g', '02ab0000000f'].map(parseMac)).toEqual([null, null, null, null]);
  expect(
    ['02:00:00:00:00:01', '00:00:00:00:00:00', '01:00:5e:00:00:01', 'ff:ff:ff:ff:ff:ff'].map(isUnicastMac),
  ).toEqual([true, false, false, false]);
});

test('versions', () => {
  expect(parseVersion('v1.36.2')).toEqual({ major: 1, minor: 36, patch: 2, suffix: '' });
  expect(parseVersion('5.14.0-503.el9.x86_64')).toMatchObject({ major: 5, minor: 14, patch: 0 });
  expect(parseVersion('6.1')).toMatchObject({ patch: 0 });
  expect(['', '1', 'x.y', 'stable-1'].map(parseVersion)).toEqual([null, null, null, null]);
  const version = parseVersion('1.9.10')!;
  expect([atLeast(version, 1, 9), atLeast(version, 1, 10), atLeast(version, 1, 9, 11)]).toEqual([true, false, false]);
  expect(minorOf(version)).toBe('1.9');
  expect(compareVersions(parseVersion('1.10.0')!, parseVersion('1.9.99')!)).toBeGreaterThan(0);
});

const AWKWARD = `-%\\'"\`$! a7é`;

const SHELLS = ['sh', 'bash', 'dash', 'busybox', 'zsh'].filter((shell) => {
  const { error } = spawnSync(shell, shell === 'busybox' ? ['true'] : ['-c', 'true']);
  return error === undefined;
});

function asShellReads(shell: string, words: readonly string[]): string {
  const script = `printf '%s\\0' ${words.map(shellQuote).join(' ')}`;
  return execFileSync(shell, [...(shell === 'busybox' ? ['sh'] : []), '-c', script], { encoding: 'utf8' });
}

test.each(SHELLS)('%s reads a quoted word back unchanged, as a report shows it', (shell) => {
  const word = fc
    .oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom('\n', '\u001B', '\u202E', '\uFEFF', ...AWKWARD.split('')) }),
    )
    .filter((text) => !text.includes('\0') && text.isWellFormed())
    // The field separators of zsh end with a zero byte, where those of all others end with a newline.
    .filter((text) => shell !== 'zsh' || !text.endsWith('\n'));
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 20 }), (words) => {
      expect(asShellReads(shell, words)).toBe(words.map((each) => `${each}\0`).join(''));
      for (const each of words) expect(printable(shellQuote(each))).toBe(shellQuote(each));
    }),
    { numRuns: 30 },
  );
});

test('quoted words are as plain as they can be', () => {
  expect(shellQuote('/etc/cni/net.d/10-a.conf')).toBe('/etc/cni/net.d/10-a.conf');
  expect(shellQuote("it's é")).toBe(`'it'\\''s é'`);
  expect(shellQuote('10-\u001B[31m.conf')).toBe(`"$(printf '10-\\033\\13331m.conf')"`);
  expect(shellQuote('a\nb\n')).toBe(`"$(printf 'a\\012b')""\${IFS#??}"`);
});

test('nothing that moves the cursor or turns the text around is left', () => {
  expect(printable('a\u001b[31mb\nc\u202Ed')).toBe('a\uFFFD[31mb\uFFFDc\uFFFDd');
  expect(printable('\uD83D \uDE00 😀')).toBe('\uFFFD \uFFFD 😀');
});

test('the worst status and the verdict', () => {
  expect(worst(['pass', 'skip', 'warn'])).toBe('warn');
  expect(worst(['unknown', 'fail'])).toBe('fail');
  expect(worst([])).toBe('skip');
  expect([verdictOf(['pass', 'warn', 'skip']), verdictOf(['unknown', 'warn']), verdictOf(['unknown', 'fail'])]).toEqual(
    ['ready', 'unknown', 'not-ready'],
  );
});
