import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { privateDirectory } from '../../src/system/private-directory.ts';

let base = '';
beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), 'seaworthy-private-')));
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

test('made with what leads to it, for nobody else; files are replaced whole', async () => {
  const path = join(base, 'a/b');
  const directory = await privateDirectory(path);
  expect(await directory.readIfThere('x', 10)).toBeNull();
  await directory.write('x', 'one');
  await directory.write('x', 'two');
  expect(await directory.readIfThere('x', 10)).toBe('two');
  expect([join(base, 'a'), path, join(path, 'x')].map((at) => statSync(at).mode & 0o777)).toEqual([
    0o700, 0o700, 0o600,
  ]);
  await expect(directory.readIfThere('x', 2)).rejects.toMatchObject({ name: 'SystemError', code: 'EFBIG' });
  writeFileSync(join(path, '.unfinished'), '');
  expect(await directory.list()).toEqual(['x']);
  await directory.remove('x');
  await directory.remove('x');
  expect(await directory.list()).toEqual([]);
  await directory.removeAll();
  expect(readdirSync(join(base, 'a'))).toEqual([]);
});

test('two that make it at once', async () => {
  await Promise.all([1, 2, 3].map(() => privateDirectory(join(base, 'a/b/c'))));
  expect(statSync(join(base, 'a/b/c')).isDirectory()).toBe(true);
});

test('where others could have put something, or it cannot be made, is refused', async () => {
  mkdirSync(join(base, 'loose'));
  chmodSync(join(base, 'loose'), 0o777);
  symlinkSync('loose', join(base, 'link'));
  writeFileSync(join(base, 'file'), '');
  for (const path of ['loose', 'loose/inside', 'link'])
    await expect(privateDirectory(join(base, path))).rejects.toMatchObject({ name: 'SystemError', why: 'denied' });
  expect(readdirSync(join(base, 'loose'))).toEqual([]);
  for (const path of [join(base, 'file'), join(base, 'file/inside'), '/proc/none/inside'])
    await expect(privateDirectory(path)).rejects.toMatchObject({ name: 'SystemError' });
});
