import { test } from 'vitest';
import check from '../../../checks/network/mtu.ts';
import { testCheck } from '../../../src/plugins/test-check.ts';
import { lo, nic, via, type Interface } from './facts.ts';

const facts = (mtu: number, ...others: Interface[]) => ({
  interfaces: { interfaces: [lo, nic('eth0', '10.0.0.12/24', { mtu }), ...others] },
  routes: { routes: [via('10.0.0.1', 'eth0')] },
});
const flannel = (mtu: number) => nic('flannel.1', '10.244.0.0/32', { kind: 'vxlan', mtu });

testCheck(
  check,
  {
    judge: [
      {
        name: 'a disk',
        facts: { ...facts(1500), interfaces: { interfaces: [], shown: false as const } },
        expect: [{ reason: 'not-shown', status: 'skip' }],
      },
      {
        name: 'the address that was named is of no interface',
        facts: facts(1500),
        plan: { nodeIp: ['10.77.1.1'] },
        expect: [{ reason: 'no-uplink' }],
      },
      {
        name: 'kubelet is to choose the address',
        facts: facts(1500),
        plan: { nodeIp: ['0.0.0.0'] },
        expect: [{ reason: 'enough', subject: 'eth0' }],
      },
      { name: 'Ethernet', facts: facts(1500), expect: [{ reason: 'enough', status: 'pass', subject: 'eth0' }] },
      {
        name: 'Ethernet under VXLAN',
        facts: facts(1500, flannel(1450)),
        plan: { cni: 'flannel' },
        expect: [
          { message: 'The MTU of eth0 is 1500; flannel leaves pods 1450. The path to other nodes was not measured.' },
        ],
      },
      {
        name: 'a tunnel as wide as the uplink',
        facts: facts(1450, flannel(1450)),
        expect: [
          { reason: 'too-small', status: 'warn', subject: 'flannel.1', expected: 'at most 1400', actual: '1450' },
        ],
      },
      {
        name: 'too narrow for IPv6',
        facts: facts(1200),
        expect: [{ reason: 'too-small', subject: 'eth0', expected: 'at least 1280' }],
      },
      {
        name: 'too narrow once VXLAN has its part',
        facts: facts(1300),
        plan: { cni: 'flannel' },
        expect: [{ reason: 'too-small', expected: 'at least 1330' }],
      },
      {
        name: 'a tunnel of ipip that nobody uses',
        facts: facts(1400, nic('tunl0', null, { kind: 'tunnel', mtu: 1480, up: false, mac: null })),
        expect: [{ reason: 'enough' }],
      },
      {
        name: 'the interface of the named address',
        facts: facts(1500, nic('eth1', '10.1.0.2/24', { mtu: 9000 })),
        plan: { nodeIp: ['10.1.0.2'] },
        expect: [{ reason: 'enough', subject: 'eth1' }],
      },
      {
        name: 'no default route',
        facts: { ...facts(1500), routes: { routes: [] } },
        expect: [{ reason: 'no-uplink', status: 'skip' }],
      },
    ],
    compare: [
      {
        name: 'jumbo frames on one of them',
        nodes: [{ facts: facts(1500) }, { facts: facts(9000) }],
        expect: [{ reason: 'mismatch', status: 'warn', nodes: ['w1', 'w2'], actual: '1500, 9000' }],
      },
      {
        name: 'the same everywhere',
        nodes: [{ facts: facts(1500) }, { facts: facts(1500) }],
        expect: [{ reason: 'equal', status: 'pass' }],
      },
    ],
  },
  test,
);
