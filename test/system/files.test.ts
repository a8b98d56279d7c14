import { execFileSync } from 'node:child_process';
import { readFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemError } from '../../src/system/errors.ts';
import { readBytes } from '../../src/system/files.ts';
import { liveSystem } from '../../src/system/live.ts';
import { rootedSystem } from '../../src/system/rooted.ts';
import { SystemError } from '../../src/system/system.ts';

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'seaworthy-files-'));
  mkdirSync(join(directory, 'etc/cni/net.d'), { recursive: true });
  writeFileSync(join(directory, 'etc/file'), 'inside\n');
  writeFileSync(join(directory, 'etc/long'), 'x'.repeat(100));
  symlinkSync('/etc/file', join(directory, 'etc/absolute'));
  symlinkSync('../../../../../../etc/file', join(directory, 'etc/climbing'));
  symlinkSync('/etc', join(directory, 'directory-link'));
  symlinkSync('loop', join(directory, 'etc/loop'));
  execFileSync('mkfifo', [join(directory, 'etc/pipe')]);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const failure = async (work: Promise<unknown>): Promise<SystemError> => {
  const error: unknown = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof SystemError)) throw new Error('it did not fail as a SystemError');
  return error;
};

test('links of a rooted machine stay below its root', async () => {
  const system = rootedSystem(directory);
  for (const path of ['/etc/file', '/etc/absolute', '/etc/climbing', '/directory-link/file', '/../../etc/file']) {
    expect(await system.readText(path), path).toBe('inside\n');
  }
  expect(await system.realPath('/directory-link/absolute')).toBe('/etc/file');
  expect(await system.readLink('/etc/absolute')).toBe('/etc/file');
});

test('what is not there is missing, and nothing else is', async () => {
  const system = rootedSystem(directory);
  expect((await failure(system.readText('/etc/none'))).why).toBe('missing');
  expect((await failure(system.readText('/etc/file/below'))).why).toBe('missing');
  expect((await failure(system.readText('/etc'))).code).toBe('EISDIR');
  expect((await failure(system.readText('/etc/loop'))).code).toBe('ELOOP');
  expect(await system.readTextIfThere('/etc/none')).toBeNull();
  expect(await system.listIfThere('/none')).toEqual([]);
  expect(await system.status('/etc/none')).toBeNull();
  expect((await system.status('/etc/absolute'))?.kind).toBe('file');
});

test('a pipe that nobody writes to does not hang the reader', async () => {
  for (const system of [rootedSystem(directory), liveSystem()]) {
    const path = system.live ? join(directory, 'etc/pipe') : '/etc/pipe';
    expect((await failure(system.readText(path))).message).toContain('not a regular file');
  }
});

test('a file longer than the limit is refused', async () => {
  expect((await failure(rootedSystem(directory).readText('/etc/long', 99))).code).toBe('EFBIG');
  expect(await rootedSystem(directory).readText('/etc/long', 100)).toHaveLength(100);
});

test('errors name the path of the machine and not that of the reader', async () => {
  expect((await failure(rootedSystem(directory).readText('/etc/none'))).message).toBe('/etc/none: no such file');
});

test('a rooted machine runs nothing and has no network', async () => {
  const { programs, network } = rootedSystem(directory);
  const { signal } = new AbortController();
  expect((await failure(programs.find('kubelet'))).why).toBe('unsupported');
  expect((await failure(network.connect({ host: '127.0.0.1', port: 1 }, signal))).why).toBe('unsupported');
});

test('kernel files below a root are read whole, though they say that they are empty and answer page by page', async () => {
  const last = (text: string) => text.trimEnd().split('\n').at(-1);
  const maps = readFileSync('/proc/self/maps', 'utf8');
  expect(maps.length).toBeGreaterThan(8192);
  expect(last(await rootedSystem('/').readText('/proc/self/maps'))).toBe(last(maps));
});

test('kernel files are read whole', async () => {
  expect((await liveSystem().readText('/proc/self/status')).startsWith('Name:')).toBe(true);
  expect(await liveSystem().list('/proc/self/fd')).toContain('0');
});

test.each([
  ['EACCES', 'denied'],
  ['EPERM', 'denied'],
  ['ENOENT', 'missing'],
  ['ESRCH', 'missing'],
  ['ETIMEDOUT', 'timeout'],
  ['EIO', 'error'],
])('%s is %s', (code, why) => {
  expect(systemError(Object.assign(new Error('x'), { code }), '/etc/x')).toMatchObject({ why, code });
});

test('a sysctl is read whole where a disk would be waited for, as below a directory', async () => {
  const path = '/proc/sys/kernel/pid_max';
  const text = await liveSystem().readText(path);
  expect(text.length).toBeGreaterThan(2);
  // Written so it is not known as a file of the kernel.
  expect((await readBytes(`/${path}`, path)).toString()).toBe(text);
});
