import { test } from 'vitest';
import check from '../../../checks/network/mac-addresses.ts';
import { testCheck } from '../../../src/plugins/test-check.ts';
import { lo, nic, via, type Interface } from './facts.ts';

const A = '52:54:00:00:00:01';
const B = '52:54:00:00:00:02';
const facts = (...interfaces: Interface[]) => ({
  interfaces: { interfaces: [lo, ...interfaces] },
  routes: { value: { routes: [via('10.0.0.1', 'eth0')] } },
});
const eth0 = nic('eth0', '10.0.0.12/24', { mac: A });
const valid = [{ reason: 'valid', status: 'pass' }] as const;

testCheck(
  check,
  {
    judge: [
      {
        name: 'a disk',
        facts: { ...facts(), interfaces: { interfaces: [], shown: false as const } },
        expect: [{ reason: 'not-shown', status: 'skip' }],
      },
      { name: 'two uplinks', facts: facts(eth0, nic('eth1', '10.0.1.12/24', { mac: B })), expect: valid },
      {
        name: 'nothing but the loopback interface',
        facts: facts(),
        expect: [{ reason: 'nothing-to-judge', status: 'skip' }],
      },
      {
        name: 'two uplinks with one address',
        facts: facts(eth0, nic('eth1', '10.0.1.12/24', { mac: A })),
        expect: [{ reason: 'duplicate-mac', status: 'fail', subject: A, evidence: { interfaces: ['eth0', 'eth1'] } }],
      },
      {
        name: 'all zero and a group address',
        facts: facts(
          nic('eth0', '10.0.0.12/24', { mac: '00:00:00:00:00:00' }),
          nic('eth1', '10.0.1.12/24', { mac: '01:00:5e:00:00:01' }),
        ),
        expect: [
          { reason: 'invalid-mac', status: 'fail', subject: 'eth0' },
          { reason: 'invalid-mac', subject: 'eth1' },
        ],
      },
      {
        name: 'a second interface that is down or has no address',
        facts: facts(eth0, nic('eth1', null, { mac: A }), nic('eth2', '10.0.1.2/24', { mac: A, up: false })),
        expect: valid,
      },
      {
        name: 'a bond, its members and a VLAN on it',
        facts: facts(
          nic('eth0', null, { mac: A, master: 'bond0' }),
          nic('eth1', null, { mac: A, master: 'bond0' }),
          nic('bond0', '10.0.0.12/24', { mac: A, kind: 'bond' }),
          nic('bond0.10', '10.0.1.12/24', { mac: A, kind: 'vlan', parent: 'bond0' }),
          nic('bond0.20', '10.0.2.12/24', { mac: A, kind: 'vlan', parent: 'bond0' }),
        ),
        expect: valid,
      },
      {
        name: 'a bridge, its port and a VLAN of the port',
        facts: facts(
          nic('eth0', null, { mac: A, master: 'br0' }),
          nic('br0', '10.0.0.12/24', { mac: A, kind: 'bridge' }),
          nic('eth0.5', '10.0.5.12/24', { mac: A, kind: 'vlan', parent: 'eth0' }),
        ),
        expect: valid,
      },
      {
        name: 'ipvlan',
        facts: facts(eth0, nic('ipvl0', '10.0.0.13/24', { mac: A, kind: 'macvlan', parent: 'eth0' })),
        expect: valid,
      },
      {
        name: 'a virtual function of the uplink',
        facts: facts(eth0, nic('eth0v0', '10.0.3.1/24', { mac: A, virtualFunction: true })),
        expect: valid,
      },
      {
        name: 'Calico',
        facts: facts(
          eth0,
          nic('cali1', '10.1.0.1/32', { mac: 'ee:ee:ee:ee:ee:ee', kind: 'veth' }),
          nic('cali2', '10.1.0.2/32', { mac: 'ee:ee:ee:ee:ee:ee', kind: 'veth' }),
        ),
        expect: valid,
      },
      {
        name: 'flannel in dual stack',
        facts: facts(
          eth0,
          nic('flannel.1', '10.244.0.0/32', { mac: B, kind: 'vxlan' }),
          nic('flannel-v6.1', 'fd00::/128', { mac: B, kind: 'vxlan' }),
        ),
        expect: valid,
      },
    ],
    compare: [
      {
        name: 'clones, and another',
        nodes: [
          { facts: facts(eth0) },
          { facts: facts(nic('eth0', '10.0.0.13/24', { mac: B })) },
          { facts: facts(nic('eth0', '10.0.0.14/24', { mac: A })) },
        ],
        expect: [
          { reason: 'duplicate-mac', status: 'fail', nodes: ['w1', 'w3'], subject: A },
          { reason: 'unique', status: 'pass', nodes: ['w2'] },
        ],
      },
      {
        name: 'bridges of containers are alike everywhere',
        nodes: [A, B].map((mac) => ({
          facts: facts(
            nic('eth0', '10.0.0.12/24', { mac }),
            nic('docker0', '172.17.0.1/16', { mac: '02:42:ac:11:00:01', kind: 'bridge' }),
            nic('cni0', '10.85.0.1/16', { mac: '0a:58:0a:55:00:01', kind: 'bridge' }),
            nic('veth1', null, { mac: '0a:58:0a:55:00:02', kind: 'veth', master: 'cni0' }),
          ),
        })),
        expect: [{ reason: 'unique', nodes: ['w1', 'w2'] }],
      },
      {
        name: 'a bridge with the uplink in it',
        nodes: [1, 2].map(() => ({
          facts: facts(
            nic('eno1', null, { mac: A, master: 'br0' }),
            nic('br0', '10.0.0.12/24', { mac: A, kind: 'bridge' }),
          ),
        })),
        expect: [{ reason: 'duplicate-mac', nodes: ['w1', 'w2'] }],
      },
      {
        name: 'Vagrant: the first interface of each is behind a NAT of its own',
        nodes: [A, B].map((mac, index) => ({
          node: { addresses: [`192.168.56.1${index}`] },
          facts: facts(
            nic('eth0', '10.0.2.15/24', { mac: '08:00:27:00:00:01' }),
            nic('eth1', `192.168.56.1${index}/24`, { mac }),
          ),
        })),
        expect: [{ reason: 'unique', nodes: ['w1', 'w2'] }],
      },
      {
        name: 'a VTEP',
        nodes: [A, B].map((mac) => ({
          facts: facts(
            nic('eth0', '10.0.0.12/24', { mac }),
            nic('flannel.1', '10.244.0.0/32', { mac: 'ca:fe:00:00:00:01', kind: 'vxlan' }),
          ),
        })),
        expect: [{ reason: 'duplicate-mac', nodes: ['w1', 'w2'], subject: 'ca:fe:00:00:00:01' }],
      },
    ],
  },
  test,
);
