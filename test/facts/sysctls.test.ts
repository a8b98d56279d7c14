import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import sysctls from '../../src/facts/sysctls.ts';
import { DEFAULTS } from '../../src/plan/defaults.ts';
import { rootedSystem } from '../../src/system/rooted.ts';
import { withDirectory } from '../hosts/directory.ts';
import { readFrom } from './read-from.ts';

test('values by key, those of each interface too', async () => {
  const read = await readFrom(sysctls, {
    '/proc/sys/net/ipv4/ip_forward': '1\n',
    '/proc/sys/net/ipv4/ip_local_port_range': '32768\t60999\n',
    '/proc/sys/net/ipv4/conf/all/rp_filter': '0\n',
    '/proc/sys/net/ipv4/conf/eth0.100/rp_filter': '2\n',
    '/proc/sys/net/ipv4/conf/eth0.100/forwarding': '1\n',
    '/proc/sys/net/ipv4/conf/eth0.100/tag': '0\n',
    '/proc/sys/net/ipv6/conf/eth0/accept_ra': '1\n',
  });
  expect(read).toEqual({
    values: {
      'net/ipv4/ip_forward': '1',
      'net/ipv4/ip_local_port_range': '32768\t60999',
      'net/ipv4/conf/all/rp_filter': '0',
      'net/ipv4/conf/eth0.100/rp_filter': '2',
      'net/ipv4/conf/eth0.100/forwarding': '1',
      'net/ipv6/conf/eth0/accept_ra': '1',
    },
    denied: [],
  });
});

test('a kernel without any of them is one without them', async () => {
  expect(await readFrom(sysctls, { '/proc/sys': { directory: true } })).toEqual({ values: {}, denied: [] });
});

test('without /proc/sys nothing is known', async () => {
  expect(await readFrom(sysctls, {})).toEqual({ values: {}, denied: [], shown: false });
  await expect(readFrom(sysctls, { '/proc/version': 'x' })).rejects.toMatchObject({
    name: 'SystemError',
    why: 'missing',
  });
});

test('a key that does not show is told apart from one that is not there', async () => {
  await withDirectory({ '/proc/sys/net/ipv4/ip_forward': '1\n' }, async (root) => {
    // A directory in the place of a file cannot be read by anybody, root included.
    mkdirSync(join(root, 'proc/sys/net/bridge/bridge-nf-call-iptables'), { recursive: true });
    const context = { plan: DEFAULTS, signal: new AbortController().signal };
    expect(await sysctls.read(rootedSystem(root), context)).toEqual({
      values: { 'net/ipv4/ip_forward': '1' },
      denied: ['net/bridge/bridge-nf-call-iptables'],
    });
  });
});
