import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { liveSystem } from '../../src/system/live.ts';
import { mountedSystem, standingOf } from '../../src/system/mounted.ts';
import { rootedSystem } from '../../src/system/rooted.ts';

let copy = '';
beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'seaworthy-mounted-'));
  mkdirSync(join(copy, 'proc/1/net'), { recursive: true });
  writeFileSync(join(copy, 'proc/1/net/dev'), '');
  symlinkSync('/proc', join(copy, 'leads-out'));
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

const ownNetwork = liveSystem()
  .status('/proc/1/net/dev')
  .then(async (first) => first?.inode === (await liveSystem().status('/proc/self/net/dev'))?.inode);

test('a copy of files stands for a machine that does not run, whatever its links say', async () => {
  expect(await standingOf(copy)).toBe('files');
  expect(await standingOf(join(copy, 'none'))).toBe('files');
});

test('the file system of this machine stands for it', async () => {
  expect(await standingOf('/')).toBe((await ownNetwork) ? 'this machine' : 'another network');
});

test('in a network of its own a process sees a machine whose network it has not', ({ skip }) => {
  if (process.geteuid?.() !== 0) skip('only root can make a network namespace');
  const script = `import { standingOf } from ${JSON.stringify(join(import.meta.dirname, '../../src/system/mounted.ts'))}; console.log(await standingOf('/'));`;
  const said = execFileSync('unshare', ['--net', process.execPath, '--input-type=module', '-e', script]);
  expect(said.toString().trim()).toBe('another network');
});

test('what /proc shows of its reader is that of the first process; files are those below, programs and names those of the container', async () => {
  const system = mountedSystem('/');
  const below = rootedSystem('/');
  expect({ live: system.live, native: system.native }).toEqual({ live: true, native: false });
  expect(await system.readText('/proc/self/mountinfo')).toBe(await below.readText('/proc/1/mountinfo'));
  expect(await system.readText('/proc/self/limits')).toBe(await below.readText('/proc/self/limits'));
  expect(await system.programs.find('sh')).toBe(await liveSystem().programs.find('sh'));
  const looked = system.network.resolve('no-such-name.invalid', AbortSignal.timeout(10_000));
  await expect(looked).rejects.toMatchObject({ name: 'SystemError' });
  await expect(looked).rejects.toSatisfy(({ why }: { why: string }) => why === 'unsupported' || why === 'timeout');
});
