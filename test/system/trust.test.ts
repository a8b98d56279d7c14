import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isWritableByOthers, writableByOthers } from '../../src/system/trust.ts';
import { liveSystem } from '../../src/system/live.ts';

let directory = '';
beforeEach(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), 'seaworthy-trust-')));
  for (const name of ['safe', 'open']) mkdirSync(join(directory, name));
  writeFileSync(join(directory, 'safe/plugin'), '');
  writeFileSync(join(directory, 'open/plugin'), '');
  chmodSync(join(directory, 'safe/plugin'), 0o755);
  chmodSync(join(directory, 'open'), 0o777);
});
afterEach(() => rmSync(directory, { recursive: true }));

const look = (name: string) => writableByOthers(liveSystem(), join(directory, name), process.geteuid?.() ?? 0);

test('the file, its directories, and every link on the way', async () => {
  expect(await look('safe/plugin')).toBeNull();
  expect(await look('safe/../safe/./plugin')).toBeNull();
  expect(await look('open/plugin')).toBe(join(directory, 'open'));
  chmodSync(join(directory, 'open'), 0o1777);
  expect(await look('open/plugin')).toBeNull();
  chmodSync(join(directory, 'open'), 0o777);
  symlinkSync('../safe/plugin', join(directory, 'open/link'));
  symlinkSync('open/link', join(directory, 'first'));
  expect(await look('first')).toBe(join(directory, 'open'));
  symlinkSync('loop', join(directory, 'loop'));
  expect(await look('loop')).toBe(join(directory, 'loop'));
  chmodSync(join(directory, 'safe/plugin'), 0o757);
  expect(await look('safe/plugin')).toBe(join(directory, 'safe/plugin'));
});

test.each([
  [0o755, 0, 0, 'file', false],
  [0o775, 0, 0, 'directory', false],
  [0o775, 0, 100, 'directory', true],
  [0o1777, 0, 0, 'directory', false],
  [0o1777, 0, 0, 'file', true],
  [0o755, 1001, 0, 'file', true],
  [0o755, 7, 0, 'file', false],
] as const)('mode %o, owner %i, group %i, %s: %s', (mode, uid, gid, kind, open) => {
  expect(isWritableByOthers({ kind, mode, uid, gid, size: 0, inode: 0, modifiedMs: 0 }, 7)).toBe(open);
});
