import { expect, test } from 'vitest';
import socketOwners from '../../src/facts/socket-owners.ts';
import { DEFAULTS } from '../../src/plan/defaults.ts';
import { rootedSystem } from '../../src/system/rooted.ts';
import { SystemError, type System } from '../../src/system/system.ts';
import { recorded, withDirectory, type Files } from '../hosts/directory.ts';

const HEADER = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';
const row = (port: number, inode: number) =>
  `   0: 00000000:${port.toString(16).toUpperCase().padStart(4, '0')} 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 0 100 0 0 10 0\n`;
const tables = (...rows: string[]): Files => ({ '/proc/net/tcp': HEADER + rows.join(''), '/proc/net/udp': HEADER });
const process = (
  pid: number,
  comm: string,
  cmdline: string,
  exe: string | null,
  inode: number,
  cgroup = '0::/\n',
): Files => ({
  [`/proc/${pid}/comm`]: `${comm}\n`,
  [`/proc/${pid}/cmdline`]: cmdline,
  [`/proc/${pid}/cgroup`]: cgroup,
  ...(exe === null ? {} : { [`/proc/${pid}/exe`]: { link: exe } }),
  [`/proc/${pid}/fd/0`]: { link: '/dev/null' },
  [`/proc/${pid}/fd/3`]: { link: `socket:[${inode}]` },
});
const read = (files: Files, change: (system: System) => System = (system) => ({ ...system, privileged: true })) =>
  withDirectory(files, (root) =>
    socketOwners.read(change(rootedSystem(root)), { plan: DEFAULTS, signal: new AbortController().signal }),
  );

test('the name is the executable’s, and the command name of 15 characters is the last resort', async () => {
  const value = await read({
    ...tables(row(10_257, 11), row(10_250, 12), row(6443, 13)),
    ...process(40, 'kube-controller', 'kube-controller-manager\0--x\0', '/usr/local/bin/kube-controller-manager', 11),
    ...process(
      41,
      'nginx',
      'nginx: master process /usr/sbin/nginx\0',
      '/usr/sbin/nginx (deleted)',
      12,
      '0::/system.slice/nginx.service\n',
    ),
    ...process(42, 'kube-apiserver', '', null, 13),
  });
  expect(value.complete).toBe(true);
  expect(value.owners.map(({ pid, process, unit }) => [pid, process, unit])).toEqual([
    [40, 'kube-controller-manager', null],
    [42, 'kube-apiserver', null],
    [41, 'nginx', 'nginx.service'],
  ]);
  expect(socketOwners.schema().parse(value)).toEqual(value);
});

test('ports that Kubernetes does not use are nobody’s business', async () => {
  expect(await read({ ...tables(row(22, 5)), ...process(9, 'sshd', 'sshd\0', '/usr/sbin/sshd', 5) })).toEqual({
    owners: [],
    complete: true,
  });
});

test('a recorded control plane', async () => {
  const { owners, complete } = await read(recorded('kn1'));
  expect(complete).toBe(true);
  expect(new Set(owners.map(({ process }) => process))).toEqual(
    new Set([
      'kubelet',
      'kube-proxy',
      'kube-apiserver',
      'etcd',
      'kube-controller-manager',
      'kube-scheduler',
      'containerd',
    ]),
  );
});

const kernelSocket: Files = { ...tables(row(10_250, 77)), ...process(9, 'sshd', 'sshd\0', '/usr/sbin/sshd', 5) };

test('what no process holds is known only to whoever sees every process', async () => {
  expect(await read(kernelSocket)).toEqual({ owners: [], complete: true });
  expect(await read(kernelSocket, (system) => ({ ...system, privileged: false }))).toMatchObject({ complete: false });
  const inContainer: Files = { ...kernelSocket, '/proc/self/ns/pid': { link: 'pid:[4026532200]' } };
  expect(await read(inContainer)).toMatchObject({ complete: false });
  expect(await read(tables(row(10_250, 77)))).toMatchObject({ complete: false });
});

test('descriptors that may not be listed make the answer incomplete', async () => {
  const denied = (system: System): System => ({
    ...system,
    privileged: true,
    listIfThere: async (path) => {
      throw new SystemError('denied', `${path}: permission denied`, 'EACCES');
    },
  });
  expect(await read(kernelSocket, denied)).toEqual({ owners: [], complete: false });
});

test('a process that vanishes while it is looked at is passed over', async () => {
  const vanishing = (system: System): System => ({
    ...system,
    privileged: true,
    readLink: async (path) => {
      if (path.includes('/fd/')) throw new SystemError('missing', `${path}: no such file`, 'ENOENT');
      return system.readLink(path);
    },
  });
  expect(await read(kernelSocket, vanishing)).toEqual({ owners: [], complete: true });
});
