import { expect, test } from 'vitest';
import { chooseNodeAddress } from '../../src/kubernetes/node-address.ts';
import { lo, nic, via, type Interface, type Route } from '../checks/network/facts.ts';

const choose = (interfaces: Interface[], routes: Route[]) => chooseNodeAddress({ interfaces }, { routes });
const dual = nic('eth0', '10.0.0.12/24', {
  addresses: [
    { address: 'fe80::1', prefix: 64, family: 6 },
    { address: '2001:db8::12', prefix: 64, family: 6 },
    { address: '169.254.1.1', prefix: 16, family: 4 },
    { address: '10.0.0.12', prefix: 24, family: 4 },
  ],
});

test('IPv4 before IPv6, and the first address that others can reach', () => {
  const routes = [via('fe80::9', 'eth0', '::/0'), via('10.0.0.1', 'eth0')];
  expect(choose([lo, dual], routes)).toEqual({ address: '10.0.0.12', family: 4, interface: 'eth0' });
  expect(choose([lo, dual], [via('fe80::9', 'eth0', '::/0')])).toEqual({
    address: '2001:db8::12',
    family: 6,
    interface: 'eth0',
  });
});

test('the first default route whose interface is up and has an address', () => {
  const routes = [via('10.0.0.1', 'eth0'), via('10.0.1.1', 'eth1'), via('10.0.2.1', 'eth2')];
  const interfaces = [nic('eth0', '10.0.0.2/24', { up: false }), nic('eth1', null), nic('eth2', '10.0.2.2/24')];
  expect(choose(interfaces, routes)).toMatchObject({ address: '10.0.2.2', interface: 'eth2' });
});

test('the address of the loopback interface where the uplink has none', () => {
  const loopback = { ...lo, addresses: [...lo.addresses, { address: '10.9.9.9', prefix: 32, family: 4 as const }] };
  expect(choose([loopback, nic('eth0', null)], [via('10.0.0.1', 'eth0')])).toMatchObject({ address: '10.9.9.9' });
});

test('none without a default route', () => {
  expect(choose([lo, dual], [via('10.0.0.1', 'eth0', '0.0.0.0/1')])).toBeNull();
});
