import { expect, test } from 'vitest';
import processes from '../../src/facts/processes.ts';
import { DEFAULTS } from '../../src/plan/defaults.ts';
import { rootedSystem } from '../../src/system/rooted.ts';
import type { System } from '../../src/system/system.ts';
import { recorded, withDirectory, type Files } from '../hosts/directory.ts';

const process = (pid: number, comm: string, cmdline: string, more: Files = {}): Files => ({
  [`/proc/${pid}/comm`]: `${comm}\n`,
  [`/proc/${pid}/cmdline`]: cmdline,
  ...more,
});
const read = (files: Files, change: (system: System) => System = (system) => system) =>
  withDirectory(files, (root) =>
    processes.read(change(rootedSystem(root)), { plan: DEFAULTS, signal: new AbortController().signal }),
  );

test('watched programs, by the whole of their names', async () => {
  const value = await read({
    ...process(1, 'systemd', '/sbin/init\0'),
    ...process(20, 'systemd-timesyn', '/lib/systemd/systemd-timesyncd\0'),
    ...process(21, 'kube-controller', 'kube-controller-of-mine\0'),
    ...process(22, 'firewalld', '/usr/bin/python3\0/usr/sbin/firewalld\0'),
    ...process(23, 'kubelet', ''),
    ...process(24, 'bash', 'bash\0kubelet\0'),
  });
  expect(value).toEqual({
    running: [
      { name: 'systemd-timesyncd', pid: 20 },
      { name: 'firewalld', pid: 22 },
    ],
  });
  expect(processes.schema().parse(value)).toEqual(value);
});

test('a recorded worker', async () => {
  const { running } = await read(recorded('kn2'));
  expect(running.map(({ name }) => name).sort()).toEqual(['containerd', 'kube-proxy', 'kubelet']);
});

test('programs of another network namespace are another machine’s', async () => {
  const inNetwork = (pid: number | 'self', id: number): Files => ({ [`/proc/${pid}/ns/net`]: { link: `net:[${id}]` } });
  const { running } = await read({
    ...inNetwork('self', 1),
    ...process(30, 'kubelet', 'kubelet\0', inNetwork(30, 1)),
    ...process(31, 'kubelet', 'kubelet\0', inNetwork(31, 2)),
    ...process(32, 'kubelet', 'kubelet\0'),
  });
  expect(running.map(({ pid }) => pid)).toEqual([30, 32]);
});

test('hidden processes are denied, and not absent', async () => {
  await expect(read(process(30, 'bash', 'bash\0'), (system) => ({ ...system, live: true }))).rejects.toMatchObject({
    why: 'denied',
  });
});
