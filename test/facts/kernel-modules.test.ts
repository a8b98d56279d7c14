import { expect, test } from 'vitest';
import kernelModules from '../../src/facts/kernel-modules.ts';
import { readFrom } from './read-from.ts';

const RELEASE = { '/proc/sys/kernel/osrelease': '6.1.0-28-amd64\n' };
const MODULES = '/lib/modules/6.1.0-28-amd64';

test('a machine that shows nothing', async () => {
  expect(await readFrom(kernelModules, {})).toEqual({
    present: [],
    builtin: null,
    loadable: null,
    shown: false,
  });
});

test('loaded, built in, loadable, compressed or not', async () => {
  const value = await readFrom(kernelModules, {
    ...RELEASE,
    '/proc/modules': 'nf_nat 57344 1 nft_masq, Live 0x0000000000000000\nsomething_else 1 0 - Live 0x0\n',
    [`${MODULES}/modules.builtin`]: 'kernel/fs/overlayfs/overlay.ko\nkernel/net/core/other.ko\n',
    [`${MODULES}/modules.dep`]:
      'kernel/drivers/net/vxlan/vxlan.ko.zst: kernel/net/ipv4/udp_tunnel.ko\nkernel/net/bridge/br-netfilter.ko.xz:\nkernel/configs.ko:\n',
  });
  expect(value).toEqual({
    present: ['nf_nat'],
    builtin: ['overlay'],
    loadable: ['br_netfilter', 'vxlan', 'configs'],
  });
});

test('what a module brings shows it on a kernel that has no modules', async () => {
  const value = await readFrom(kernelModules, {
    '/proc/filesystems': 'nodev\tproc\nnodev\toverlay\n\text4\n',
    '/proc/sys/net/bridge/bridge-nf-call-iptables': '1\n',
    '/proc/sys/net/netfilter/nf_conntrack_max': '262144\n',
    '/sys/module/vxlan/parameters/udp_port': '0\n',
  });
  expect(value).toEqual({
    present: ['br_netfilter', 'nf_conntrack', 'overlay', 'vxlan'],
    builtin: null,
    loadable: null,
  });
});

test('a release that is a path leads nowhere', async () => {
  const files = { '/proc/sys/kernel/osrelease': '../../etc\n', '/etc/modules.dep': 'vxlan.ko:\n' };
  expect(await readFrom(kernelModules, files)).toMatchObject({ loadable: null });
});
