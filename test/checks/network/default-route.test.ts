import { test } from 'vitest';
import check from '../../../checks/network/default-route.ts';
import { testCheck } from '../../../src/plugins/test-check.ts';
import { lo, nic, via, type Interface, type Route } from './facts.ts';

const two = [lo, nic('eth0', '10.0.0.12/24'), nic('eth1', '10.0.1.12/24')];
const facts = (routes: Route[], interfaces: Interface[] = two) => ({
  routes: { routes },
  interfaces: { value: { interfaces } },
  kubeletConfig: { unread: 'missing', detail: '' } as const,
});

testCheck(
  check,
  {
    judge: [
      {
        name: 'a disk',
        facts: { ...facts([]), routes: { routes: [], shown: false as const } },
        expect: [{ reason: 'not-shown', status: 'skip' }],
      },
      {
        name: 'none, and kubelet is to choose',
        facts: facts([]),
        plan: { nodeIp: ['0.0.0.0'] },
        expect: [{ reason: 'no-default-route' }],
      },
      {
        name: 'one',
        facts: facts([via('10.0.0.1', 'eth0'), via(null, 'eth0', '10.0.0.0/24')]),
        expect: [
          { reason: 'present', status: 'pass', message: 'The default route goes via 10.0.0.1 on eth0, metric 100.' },
        ],
      },
      {
        name: 'dual stack',
        facts: facts([via('10.0.0.1', 'eth0'), via('fe80::1', 'eth0', '::/0')]),
        expect: [{ reason: 'present' }],
      },
      {
        name: 'two of different metrics',
        facts: facts([via('10.0.0.1', 'eth0'), via('10.0.1.1', 'eth1', '0.0.0.0/0', 101)]),
        expect: [{ reason: 'present' }],
      },
      {
        name: 'two routers that advertise themselves, beside IPv4',
        facts: facts([
          via('10.0.0.1', 'eth0'),
          via('fe80::1', 'eth0', '::/0', 1024),
          via('fe80::2', 'eth1', '::/0', 1024),
        ]),
        expect: [{ reason: 'present' }],
      },
      {
        name: 'two gateways on one interface give one address',
        facts: facts([via('10.0.0.1', 'eth0'), via('10.0.0.2', 'eth0')]),
        expect: [{ reason: 'present' }],
      },
      {
        name: 'two links of a fabric share the address of the loopback interface',
        facts: facts(
          [via('10.0.0.1', 'eth0'), via('10.0.1.1', 'eth1')],
          [
            { ...lo, addresses: [{ address: '10.9.9.9', prefix: 32, family: 4 }] },
            nic('eth0', null),
            nic('eth1', null),
          ],
        ),
        expect: [{ reason: 'present' }],
      },
      {
        name: 'two of one metric',
        facts: facts([via('10.0.0.1', 'eth0'), via('10.0.1.1', 'eth1')]),
        expect: [
          {
            reason: 'several-default-routes',
            status: 'warn',
            message: '2 default routes have the same metric: eth0, eth1.',
          },
        ],
      },
      {
        name: 'two of one metric, interfaces unread',
        facts: {
          ...facts([via('10.0.0.1', 'eth0'), via('10.0.1.1', 'eth1')]),
          interfaces: { unread: 'error', detail: '' },
        },
        expect: [{ reason: 'several-default-routes' }],
      },
      {
        name: 'two of one metric, and the address named',
        facts: facts([via('10.0.0.1', 'eth0'), via('10.0.1.1', 'eth1')]),
        plan: { nodeIp: ['10.0.1.12'] },
        expect: [{ reason: 'present' }],
      },
      { name: 'none', facts: facts([]), expect: [{ reason: 'no-default-route', status: 'fail' }] },
      {
        name: 'half of the internet is no default route',
        facts: facts([via('10.0.0.1', 'tun0', '0.0.0.0/1'), via('10.0.0.1', 'tun0', '128.0.0.0/1')]),
        expect: [{ reason: 'no-default-route' }],
      },
      {
        name: 'none, and the address named',
        facts: facts([]),
        plan: { nodeIp: ['10.0.0.12'] },
        expect: [{ reason: 'address-named', status: 'pass' }],
      },
    ],
  },
  test,
);
