import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import disk from '../../src/facts/disk.ts';
import { mountPointOf, parseMountPoints } from '../../src/facts/parts/mount-points.ts';
import { readFrom } from './read-from.ts';

const line = (point: string) => `36 35 98:0 / ${point} rw,noatime master:1 - ext4 /dev/sda1 rw`;
const mountinfo = (...points: string[]) => ({ '/proc/self/mountinfo': points.map(line).join('\n') });
const space = { total: 100, available: 50, inodes: 10, inodesFree: 5 };
const live = { live: true, diskSpace: async () => space };

test('the disks of a directory are not those of the machine', async () => {
  expect(await readFrom(disk, mountinfo('/'))).toEqual({ fileSystems: null });
});

test('one file system for all', async () => {
  const { fileSystems } = await readFrom(disk, mountinfo('/', '/proc'), { differs: live });
  expect(fileSystems).toEqual([
    {
      mountPoint: '/',
      holds: [
        { use: 'nodefs', path: '/var/lib/kubelet' },
        { use: 'imagefs', path: '/var/lib/containerd' },
        { use: 'etcd', path: '/var/lib/etcd' },
        { use: 'logs', path: '/var/log' },
      ],
      ...space,
    },
  ]);
});

test('each where it lies, links followed, and the runtime that is there', async () => {
  const files = {
    ...mountinfo('/', '/var', '/data'),
    '/data/containers/x': '',
    '/var/lib/containers': { link: '/data/containers' },
  };
  const { fileSystems } = await readFrom(disk, files, { differs: live, plan: { etcdDataDir: '/srv/etcd/' } });
  expect(fileSystems?.map(({ mountPoint, holds }) => [mountPoint, holds.map(({ use }) => use)])).toEqual([
    ['/var', ['nodefs', 'logs']],
    ['/data', ['imagefs']],
    ['/', ['etcd']],
  ]);
});

test('the runtime whose socket was named counts', async () => {
  const plan = { criSocket: 'unix:///var/run/crio/crio.sock', etcdDataDir: 'relative' };
  const { fileSystems } = await readFrom(disk, mountinfo('/'), { differs: live, plan });
  expect(fileSystems?.[0]?.holds).toContainEqual({ use: 'imagefs', path: '/var/lib/containers' });
});

test('a mount point holds what is below it, and no namesake', () => {
  const points = parseMountPoints([line('/'), line('/var'), line('/var/lib/a\\040b')].join('\n'));
  expect(mountPointOf('/var/lib', points)).toBe('/var');
  expect(mountPointOf('/variable', points)).toBe('/');
  expect(mountPointOf('/var/lib/a b/c', points)).toBe('/var/lib/a b');
});

test('any text is read without an error', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(mountPointOf('/var', parseMountPoints(text)).startsWith('/')).toBe(true);
    }),
  );
});
