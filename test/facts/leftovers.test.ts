import { expect, test } from 'vitest';
import leftovers from '../../src/facts/leftovers.ts';
import { SystemError } from '../../src/system/system.ts';
import { readFrom } from './read-from.ts';

const CLEAN = { shown: true, files: [], etcdEntries: 0, reservations: [], interfaces: [], hidden: [] };

test('a machine with the packages installed', async () => {
  const files = {
    '/etc/kubernetes/manifests': { directory: true },
    '/var/lib/kubelet': { directory: true },
    '/etc/cni/net.d': { directory: true },
    '/sys/class/net/eth0/address': '',
    '/sys/class/net/docker0/address': '',
    '/sys/class/net/calico-uplink/address': '',
    '/var/lib/cni/networks/old/lock': '',
    '/var/lib/cni/networks/old/last_reserved_ip.0': '10.244.0.7',
  } as const;
  expect(await readFrom(leftovers, files)).toEqual(CLEAN);
});

test('a node of an earlier cluster', async () => {
  const value = await readFrom(leftovers, {
    '/etc/kubernetes/pki/ca.crt': '',
    '/etc/kubernetes/bootstrap-kubelet.conf': '',
    '/var/lib/kubelet/pki/kubelet.crt': '',
    '/var/lib/etcd/member/snap/db': '',
    '/var/lib/cni/networks/cbr0/10.244.0.7': 'id\neth0',
    '/var/lib/cni/networks/cbr0/fd00::7': 'id\neth0',
    '/var/lib/cni/networks/cbr0/lock': '',
    '/sys/class/net/cni0/address': '',
    '/sys/class/net/flannel.1/address': '',
    '/sys/class/net/cali0123456789a/address': '',
    '/sys/class/net/kube-ipvs0/address': '',
  });
  expect(value).toEqual({
    shown: true,
    files: ['/etc/kubernetes/bootstrap-kubelet.conf', '/etc/kubernetes/pki/ca.crt', '/var/lib/kubelet/pki'],
    etcdEntries: 1,
    reservations: [{ network: 'cbr0', addresses: 2 }],
    interfaces: ['cali0123456789a', 'cni0', 'flannel.1', 'kube-ipvs0'],
    hidden: [],
  });
});

test('a directory where a file is expected, and a file where etcd’s directory is', async () => {
  const value = await readFrom(leftovers, {
    '/etc/kubernetes/kubelet.conf': { directory: true },
    '/var/lib/etcd': 'a file',
  });
  expect(value).toEqual({ ...CLEAN, files: ['/etc/kubernetes/kubelet.conf'], etcdEntries: null });
});

test('an empty data directory of etcd, and a link to nothing', async () => {
  expect(
    await readFrom(leftovers, {
      '/etc/kubernetes/kubelet.conf': { link: '/none' },
      '/var/lib/etcd': { directory: true },
    }),
  ).toEqual(CLEAN);
});

test('a directory without /etc shows nothing', async () => {
  expect(await readFrom(leftovers, { '/usr/bin/x': '' })).toEqual({ ...CLEAN, shown: false });
});

test('what only root may see is told', async () => {
  const denied = async () => {
    throw new SystemError('denied', 'permission denied', 'EACCES');
  };
  const value = await readFrom(
    leftovers,
    { '/etc/hostname': 'w1', '/var/lib/etcd': { directory: true } },
    { differs: { listIfThere: async (path) => (path === '/var/lib/etcd' ? denied() : []) } },
  );
  expect(value).toEqual({ ...CLEAN, hidden: ['/var/lib/etcd'] });
});
