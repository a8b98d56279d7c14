import { expect, test } from 'vitest';
import { dotted, settersOf } from '../../src/kubernetes/sysctls.ts';

test.each([
  ['net/ipv4/ip_forward', 'net.ipv4.ip_forward'],
  ['net/ipv4/conf/eth0.100/forwarding', 'net.ipv4.conf.eth0/100.forwarding'],
])('%s is %s to sysctl', (key, expected) => {
  expect(dotted(key)).toBe(expected);
});

test.each([
  ['net/ipv4/ip_forward', ['net/ipv4/ip_forward', 'net/ipv4/conf/all/forwarding']],
  ['net/ipv4/conf/all/forwarding', ['net/ipv4/ip_forward', 'net/ipv4/conf/all/forwarding']],
  [
    'net/ipv4/conf/eth0/forwarding',
    ['net/ipv4/conf/eth0/forwarding', 'net/ipv4/ip_forward', 'net/ipv4/conf/all/forwarding'],
  ],
  ['net/ipv6/conf/all/forwarding', ['net/ipv6/conf/all/forwarding']],
  ['net/ipv6/conf/default/forwarding', ['net/ipv6/conf/default/forwarding', 'net/ipv6/conf/all/forwarding']],
  ['net/ipv4/conf/eth0/rp_filter', ['net/ipv4/conf/eth0/rp_filter']],
])('%s is set by %j', (key, expected) => {
  expect(settersOf(key)).toEqual(expected);
});
