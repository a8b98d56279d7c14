import { expect, test } from 'vitest';
import cgroups from '../../src/facts/cgroups.ts';
import { readFrom } from './read-from.ts';

const ROOT = '/dev/vda / ext4 rw,relatime 0 0\nsysfs /sys sysfs rw 0 0\n';
const V2 = `${ROOT}cgroup2 /sys/fs/cgroup cgroup2 rw,nosuid,nodev,noexec,relatime 0 0\n`;
const V1 = `${ROOT}tmpfs /sys/fs/cgroup tmpfs rw,mode=755 0 0
cgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0
cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0
`;
const SUBSYSTEMS = `#subsys_name\thierarchy\tnum_cgroups\tenabled
cpuset\t3\t22\t1
memory\t4\t27\t1
hugetlb\t0\t22\t0
`;

test('version 2, with groups that can be frozen', async () => {
  const value = await readFrom(cgroups, {
    '/proc/mounts': V2,
    '/sys/fs/cgroup/cgroup.controllers': 'cpuset cpu io memory pids\n',
    '/sys/fs/cgroup/system.slice/cgroup.freeze': '0\n',
  });
  expect(value).toEqual({
    version: 2,
    mount: '/sys/fs/cgroup',
    controllers: ['cpuset', 'cpu', 'io', 'memory', 'pids', 'freezer'],
  });
});

test('version 2 before 5.2, without a freezer', async () => {
  const files = { '/proc/mounts': V2, '/sys/fs/cgroup/cgroup.controllers': 'cpu memory\n' };
  expect(await readFrom(cgroups, files)).toMatchObject({ controllers: ['cpu', 'memory'] });
});

test('version 1, though version 2 is mounted beside it', async () => {
  const files = {
    '/proc/mounts': V1,
    '/proc/cgroups': SUBSYSTEMS,
    '/sys/fs/cgroup/memory': { directory: true },
  } as const;
  expect(await readFrom(cgroups, files)).toEqual({
    version: 1,
    mount: '/sys/fs/cgroup',
    controllers: ['cpuset', 'memory'],
  });
});

test('elsewhere, as kubeadm finds it', async () => {
  const files = { '/proc/mounts': `${ROOT}none /dev/cgroup cgroup rw,cpu 0 0\n`, '/proc/cgroups': SUBSYSTEMS };
  expect(await readFrom(cgroups, files)).toMatchObject({ version: 1, mount: '/dev/cgroup' });
});

test('version 1 without its list of controllers', async () => {
  const files = { '/proc/mounts': V1, '/sys/fs/cgroup/memory': { directory: true } } as const;
  expect(await readFrom(cgroups, files)).toMatchObject({ version: 1, controllers: null });
});

test('mounts that are hidden, as by `ip netns exec`', async () => {
  expect(await readFrom(cgroups, { '/proc/mounts': ROOT, '/proc/cgroups': SUBSYSTEMS })).toEqual({
    version: 1,
    mount: null,
    controllers: ['cpuset', 'memory'],
  });
  const files = { '/proc/mounts': ROOT, '/proc/self/cgroup': '0::/user.slice/session-1.scope\n' };
  expect(await readFrom(cgroups, files)).toEqual({ version: 2, mount: null, controllers: null });
});

test('none mounted', async () => {
  const files = { '/proc/mounts': ROOT, '/proc/self/cgroup': '0::/\n' };
  expect(await readFrom(cgroups, files)).toEqual({ version: null, mount: null, controllers: null });
});

test('both versions: what hierarchies of version 1 keep from version 2', async () => {
  const files = {
    '/proc/mounts': 'cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\ncgroup /mnt/cpu cgroup rw,cpu 0 0\n',
    '/proc/cgroups': '#subsys_name\thierarchy\tnum_cgroups\tenabled\ncpu\t2\t1\t1\npids\t0\t1\t1\n',
    '/sys/fs/cgroup/cgroup.controllers': 'pids\n',
  };
  expect(await readFrom(cgroups, files)).toMatchObject({ version: 2, controllers: ['pids'], boundToVersion1: ['cpu'] });
});

test('a directory that does not show it', async () => {
  expect(await readFrom(cgroups, {})).toMatchObject({ shown: false });
  const unattached = '#subsys_name\thierarchy\tnum_cgroups\tenabled\ncpu\t0\t22\t1\n';
  await expect(readFrom(cgroups, { '/proc/cgroups': unattached })).rejects.toMatchObject({ why: 'missing' });
});
