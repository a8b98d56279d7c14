import { expect, test } from 'vitest';
import listeners from '../../src/facts/listeners.ts';
import { DEFAULTS } from '../../src/plan/defaults.ts';
import type { Settings } from '../../src/plan/settings.ts';
import { rootedSystem } from '../../src/system/rooted.ts';
import { SystemError, type System } from '../../src/system/system.ts';
import { recorded, withDirectory, type Files } from '../hosts/directory.ts';

const HEADER = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';
const row = (local: string, state: string, inode: number) =>
  `   0: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 0 100 0 0 10 0\n`;
const context = (plan: Partial<Settings> = {}) => ({
  plan: { ...DEFAULTS, ...plan },
  signal: new AbortController().signal,
});
const read = (files: Files, plan: Partial<Settings> = {}, change: (system: System) => System = (system) => system) =>
  withDirectory(files, (root) => listeners.read(change(rootedSystem(root)), context(plan)));

const tables = (tcp: string, udp = ''): Files => ({ '/proc/net/tcp': HEADER + tcp, '/proc/net/udp': HEADER + udp });

test('a machine without IPv6 has two tables', async () => {
  const value = await read(tables(row('0100007F:2808', '0A', 7), row('00000000:2118', '07', 8)));
  expect(value).toEqual({
    by: 'kernel',
    sockets: [
      { protocol: 'tcp', family: 4, address: '127.0.0.1', port: 10_248, inode: 7, uid: 0 },
      { protocol: 'udp', family: 4, address: '0.0.0.0', port: 8472, inode: 8, uid: 0 },
    ],
    connections: [],
    attempts: [],
  });
  expect(listeners.schema().parse(value)).toEqual(value);
});

test('of connections only those that hold a port of Kubernetes without a listener are kept', async () => {
  const { connections } = await read(
    tables(
      row('0100007F:280A', '06', 0) +
        row('0100007F:9C40', '01', 5) +
        row('0100007F:2808', '01', 6) +
        row('00000000:2808', '0A', 7),
    ),
  );
  expect(connections).toEqual([{ protocol: 'tcp', family: 4, address: '127.0.0.1', port: 10_250, inode: 0 }]);
});

test('a recorded control plane', async () => {
  const { sockets } = await read(recorded('kn1'));
  expect(sockets.map(({ address, port }) => `${address} ${port}`)).toEqual([
    '127.0.0.1 2379',
    '127.0.0.1 2381',
    '10.80.0.1 2379',
    '10.80.0.1 2380',
    '127.0.0.1 43311',
    '127.0.0.1 10257',
    '127.0.0.1 10259',
    '127.0.0.1 10248',
    '127.0.0.1 10249',
    ':: 10250',
    ':: 10256',
    ':: 6443',
  ]);
});

test('a directory without tables is not tried by binding', async () => {
  expect(await read({})).toMatchObject({ by: 'nothing', sockets: [] });
});

const binding =
  (answer: (host: string, port: number) => string | null) =>
  (system: System): System => ({
    ...system,
    live: true,
    readText: async (path) => {
      throw new SystemError('denied', `${path}: permission denied`, 'EACCES');
    },
    network: { ...system.network, tryBind: async (_, { host, port }) => answer(host, port) },
  });

test('where the kernel shows nothing, ports are tried, and what is denied is not in use', async () => {
  const value = await read(
    {},
    {},
    binding((_, port) => (port === 10_250 ? 'EADDRINUSE' : port === 6443 ? 'EACCES' : null)),
  );
  expect(value.by).toBe('bind');
  expect(value.sockets).toEqual([{ protocol: 'tcp', family: 6, address: '::', port: 10_250, inode: 0, uid: null }]);
  expect(value.attempts).toContainEqual({ protocol: 'tcp', address: '::', port: 6443, code: 'EACCES' });
  expect(value.attempts).toContainEqual({ protocol: 'tcp', address: '127.0.0.1', port: 10_248, code: null });
});

test('without IPv6 the IPv4 wildcard is tried', async () => {
  const { attempts } = await read(
    {},
    {},
    binding((host) => (host === '::' ? 'EAFNOSUPPORT' : null)),
  );
  expect(attempts).toContainEqual({ protocol: 'tcp', address: '0.0.0.0', port: 6443, code: null });
});

test('on a node that has joined nothing is bound', async () => {
  const never = binding(() => {
    throw new Error('bound');
  });
  await expect(read({ '/etc/kubernetes/kubelet.conf': '' }, {}, never)).rejects.toMatchObject({ why: 'denied' });
  await expect(read({}, { stage: 'joined' }, never)).rejects.toMatchObject({ why: 'denied' });
});

test('a directory without /proc/net shows nothing', async () => {
  expect(await read({ '/etc/hostname': 'w1' })).toEqual({ by: 'nothing', sockets: [], connections: [], attempts: [] });
});
