import { test } from 'vitest';
import check from '../../../checks/host/disk.ts';
import type { Facts } from '../../../src/evidence/facts.ts';
import { testCheck } from '../../../src/plugins/test-check.ts';
import { kubeletConfig } from '../kubelet-config.ts';

const GIB = 1024 ** 3;
type FileSystem = NonNullable<Facts['disk']['fileSystems']>[number];

const ALL = [
  { use: 'nodefs', path: '/var/lib/kubelet' },
  { use: 'imagefs', path: '/var/lib/containerd' },
  { use: 'etcd', path: '/var/lib/etcd' },
  { use: 'logs', path: '/var/log' },
] as const;
const root = (differs: Partial<FileSystem>): FileSystem => ({
  mountPoint: '/',
  holds: [...ALL],
  total: 100 * GIB,
  available: 50 * GIB,
  inodes: 1000,
  inodesFree: 900,
  ...differs,
});
const none = { value: kubeletConfig({ present: false }) };
const facts = (fileSystems: FileSystem[] | null, config: { value: Facts['kubeletConfig'] } = none) => ({
  disk: { fileSystems },
  kubeletConfig: config,
});
const joined = { stage: 'joined' } as const;
const own = (evictionHard: Record<string, string> | null) => ({
  value: kubeletConfig({ present: true, evictionHard }),
});

testCheck(
  check,
  {
    judge: [
      { name: 'half full', facts: facts([root({})]), expect: [{ subject: '/', reason: 'enough', status: 'pass' }] },
      { name: 'a directory', facts: facts(null), expect: [{ reason: 'not-shown', status: 'skip' }] },
      {
        name: 'above the threshold of nodefs, below that of imagefs',
        facts: facts([root({ available: 14 * GIB })]),
        expect: [
          {
            reason: 'too-full',
            status: 'fail',
            expected: 'no less than imagefs.available<15%',
            actual: '14 GiB of 100 GiB free',
          },
        ],
      },
      {
        name: 'images on a disk of their own',
        facts: facts([
          root({ available: 14 * GIB, holds: [ALL[0]] }),
          root({ mountPoint: '/var/lib/containerd', holds: [ALL[1]] }),
        ]),
        expect: [{ reason: 'enough' }, { reason: 'enough' }],
      },
      {
        name: 'no inodes left',
        facts: facts([root({ inodesFree: 49 })]),
        expect: [{ reason: 'too-full', actual: '49 of 1000 inodes free' }],
      },
      {
        name: 'a file system that counts no inodes',
        facts: facts([root({ inodes: 0, inodesFree: 0 })]),
        expect: [{ reason: 'enough' }],
      },
      {
        name: 'a small disk before the images are there',
        facts: facts([root({ total: 10 * GIB, available: 4 * GIB })]),
        expect: [{ reason: 'little-space', status: 'warn', expected: 'at least 5 GiB free' }],
      },
      {
        name: 'a small disk after that',
        node: joined,
        facts: facts([root({ total: 10 * GIB, available: 4 * GIB })], own(null)),
        expect: [{ reason: 'enough' }],
      },
      {
        name: 'etcd’s disk is nothing to a worker',
        facts: facts([root({ mountPoint: '/var/lib/etcd', holds: [ALL[2]], available: 0 }), root({ holds: [ALL[0]] })]),
        expect: [{ subject: '/', reason: 'enough' }],
      },
      {
        name: 'etcd’s disk of a control plane',
        node: { roles: ['control-plane'] },
        facts: facts([root({ mountPoint: '/var/lib/etcd', holds: [ALL[2]], available: GIB })]),
        expect: [{ subject: '/var/lib/etcd', reason: 'little-space', status: 'warn' }],
      },
      {
        name: 'a kubelet with thresholds of its own',
        node: joined,
        facts: facts([root({ available: 8 * GIB })], own({ 'nodefs.available': '1%', 'imagefs.available': '5Gi' })),
        expect: [{ reason: 'enough' }],
      },
      {
        name: 'below a threshold of its own',
        node: joined,
        facts: facts([root({ available: 4 * GIB })], own({ 'imagefs.available': '5Gi' })),
        expect: [{ reason: 'too-full', expected: 'no less than imagefs.available<5Gi' }],
      },
      {
        name: 'below the default of a kubelet whose configuration is elsewhere',
        node: joined,
        facts: facts([root({ available: 8 * GIB })]),
        expect: [{ reason: 'undecided', status: 'unknown' }],
      },
    ],
  },
  test,
);
