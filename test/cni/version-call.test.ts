import * as fc from 'fast-check';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { askVersion, decodeVersion } from '../../src/cni/version-call.ts';
import { liveSystem } from '../../src/system/live.ts';

const ended = (stdout: string, exitCode: number | null = 0, killedBy: string | null = null) =>
  decodeVersion({ exitCode, killedBy, stdout, stderr: '' });

test.each([
  ['{"cniVersion":"1.0.0","supportedVersions":["0.4.0","1.0.0"]}', { kind: 'supports', versions: ['0.4.0', '1.0.0'] }],
  ['{"cniVersion":"0.2.0"}', { kind: 'supports', versions: ['0.1.0', '0.2.0'] }],
  ['{"cniVersion":"0.4.0"}', { kind: 'bad-answer', detail: 'its answer lists no supported versions' }],
  ['{"supportedVersions":["1.0.0"]}', { kind: 'bad-answer', detail: 'what it printed is no answer to VERSION' }],
  ['', { kind: 'bad-answer', detail: 'it printed nothing' }],
  ['\0\u001b[31m', { kind: 'bad-answer', detail: 'what it printed is no answer to VERSION' }],
])('%j', (stdout, answer) => {
  expect(ended(stdout)).toEqual(answer);
});

test('errors, as JSON and otherwise', () => {
  expect(ended('{"code":100,"msg":"unknown CNI_COMMAND: VERSION"}', 1)).toEqual({
    kind: 'supports',
    versions: ['0.1.0'],
  });
  expect(ended('{"code":7,"msg":"no"}', 1)).toEqual({ kind: 'bad-answer', detail: 'it ended with 1: no' });
  expect(ended('oops', 2)).toEqual({ kind: 'bad-answer', detail: 'it ended with 2: oops' });
  expect(ended('', null, 'SIGSEGV')).toEqual({ kind: 'bad-answer', detail: 'it was ended by SIGSEGV' });
});

test('any output is an answer or a bad one', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), fc.integer({ min: 0, max: 3 }), (stdout, code) => {
      expect(['supports', 'bad-answer']).toContain(ended(stdout, code).kind);
    }),
  );
});

const directory = mkdtempSync(join(tmpdir(), 'seaworthy-version-'));
afterAll(() => rmSync(directory, { recursive: true }));

function plugin(name: string, text: string | Buffer): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  chmodSync(path, 0o755);
  return path;
}

const ask = (path: string, ms = 5_000) => askVersion(liveSystem().programs, path, AbortSignal.timeout(ms));

test('a plugin gets the six parameters and the version on its input', async () => {
  const path = plugin(
    'echo',
    '#!/bin/sh\nread -r line\n[ "$line" = \'{"cniVersion":"1.1.0"}\' ] || exit 9\n[ "$CNI_COMMAND $CNI_NETNS $CNI_IFNAME $CNI_PATH [${CNI_ARGS-unset}] [${CNI_CONTAINERID-unset}]" = "VERSION dummy dummy dummy [] []" ] || exit 8\necho \'{"cniVersion":"1.1.0","supportedVersions":["1.1.0"]}\'\n',
  );
  expect(await ask(path)).toEqual({ kind: 'supports', versions: ['1.1.0'] });
});

test('a plugin that hangs, floods, or is no program', async () => {
  expect(await ask(plugin('hang', '#!/bin/sh\nsleep 60\n'), 200)).toEqual({ kind: 'timed-out' });
  expect(
    await ask(plugin('flood', '#!/bin/sh\nwhile :; do echo yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy; done\n')),
  ).toMatchObject({ kind: 'bad-answer' });
  const foreign = Buffer.alloc(64);
  foreign.write('\x7fELF', 'latin1');
  foreign.writeUInt16LE(8, 18);
  expect(await ask(plugin('mips', foreign))).toMatchObject({ kind: 'cannot-start' });
  expect(await ask(plugin('junk', '\x7fELF of another machine'))).toMatchObject({ kind: 'cannot-start' });
  expect(await ask(plugin('lost', '#!/nowhere/interpreter\n'))).toMatchObject({ kind: 'cannot-start' });
});
