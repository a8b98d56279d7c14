import { test } from 'vitest';
import check from '../../../checks/network/interfaces.ts';
import { testCheck } from '../../../src/plugins/test-check.ts';
import { kubeletConfig as configOf } from '../kubelet-config.ts';
import { lo, nic, via, type Interface, type Route } from './facts.ts';

const kubeletConfig = { unread: 'missing', detail: 'not there' } as const;

const facts = (interfaces: Interface[], routes: Route[] = [via('10.0.0.1', 'eth0')]) => ({
  interfaces: { interfaces },
  routes: { routes },
  kubeletConfig,
});

/** A machine whose default route leads by eth0, and which has another network on eth1. */
const at = (eth0: string, eth1: string | null = null) => facts([lo, nic('eth0', eth0), nic('eth1', eth1)]);
/** As Vagrant makes them: the same address behind a NAT of each one's own. */
const vagrant = (last: number) => ({
  node: { addresses: [`192.168.56.${last}`], self: false },
  facts: at('10.0.2.15/24', `192.168.56.${last}/24`),
});

testCheck(
  check,
  {
    judge: [
      {
        name: 'a disk',
        facts: {
          interfaces: { interfaces: [], shown: false as const },
          routes: { routes: [], shown: false as const },
          kubeletConfig,
        },
        expect: [{ reason: 'not-shown', status: 'skip' }],
      },
      {
        name: 'an address that no interface has',
        facts: facts([lo, nic('eth0', '10.0.0.12/24')]),
        plan: { nodeIp: ['10.77.1.1'] },
        expect: [{ reason: 'address-not-here', status: 'fail', subject: '10.77.1.1', actual: '127.0.0.1, 10.0.0.12' }],
      },
      {
        name: 'kubelet is to choose',
        facts: facts([lo, nic('eth0', '10.0.0.12/24')]),
        plan: { nodeIp: ['0.0.0.0', '::'] },
        expect: [{ reason: 'connected' }],
      },
      {
        name: 'the same address, spelt otherwise',
        facts: facts([lo, nic('eth0', '2001:db8::2/64')]),
        plan: { nodeIp: ['2001:DB8:0::2'] },
        expect: [{ reason: 'connected' }],
      },
      {
        name: 'an advertised address that no interface has',
        facts: facts([lo, nic('eth0', '10.0.0.12/24')]),
        plan: { advertiseAddress: '10.77.1.1' },
        node: { roles: ['control-plane'] },
        expect: [{ reason: 'address-not-here', status: 'fail', subject: '10.77.1.1' }],
      },
      {
        name: 'the same, of who knows what role',
        facts: facts([lo, nic('eth0', '10.0.0.12/24')]),
        plan: { advertiseAddress: '10.77.1.1' },
        node: { roles: ['any'] },
        expect: [{ reason: 'address-not-here', status: 'warn', because: 'role-any' }],
      },
      {
        name: 'a worker advertises nothing, and etcd is elsewhere',
        facts: facts([lo, nic('eth0', '10.0.0.12/24')]),
        plan: { advertiseAddress: '10.77.1.1' },
        expect: [{ reason: 'connected' }],
      },
      {
        name: 'a directory does not tell every address',
        facts: facts([lo, nic('eth0', '10.0.0.12/24')]),
        plan: { nodeIp: ['10.77.1.1'], root: '/mnt' },
        expect: [{ reason: 'connected' }],
      },
      {
        name: 'dual stack, and no IPv6 but that of pods',
        facts: facts([lo, nic('eth0', '10.0.0.12/24'), nic('cni0', 'fd00:10:244::1/64', { kind: 'bridge' })]),
        plan: { podCidr: ['10.244.0.0/16', 'fd00:10:244::/56'] },
        expect: [{ reason: 'no-address', status: 'fail', subject: 'IPv6' }],
      },
      {
        name: 'one uplink',
        facts: facts([lo, nic('eth0', '10.0.0.12/24')]),
        expect: [
          {
            reason: 'connected',
            status: 'pass',
            subject: 'eth0',
            message: 'One interface is connected. kubeadm and kubelet would choose 10.0.0.12 on eth0.',
          },
        ],
      },
      {
        name: 'IPv6 only',
        facts: facts([lo, nic('eth0', '2001:db8::2/64')], [via('fe80::1', 'eth0', '::/0')]),
        expect: [
          {
            reason: 'connected',
            message: 'One interface is connected. kubeadm and kubelet would choose 2001:db8::2 on eth0.',
          },
        ],
      },
      {
        name: 'no default route, and the address named',
        facts: facts([lo, nic('eth0', '10.0.0.12/24'), nic('eth1', null)], []),
        plan: { nodeIp: ['10.0.0.12'] },
        expect: [{ reason: 'connected', message: '2 interfaces are connected. --node-ip names 10.0.0.12.' }],
      },
      {
        name: 'a routed fabric: the address is on the loopback interface',
        facts: facts([
          { ...lo, addresses: [...lo.addresses, { address: '10.9.9.9', prefix: 32, family: 4 }] },
          nic('eth0', null),
        ]),
        expect: [
          {
            reason: 'connected',
            message: 'One interface is connected. kubeadm and kubelet would choose 10.9.9.9 on eth0.',
          },
        ],
      },
      {
        name: 'only the loopback interface and a dummy',
        facts: facts([lo, nic('dummy0', '10.0.0.1/24', { kind: 'dummy' })], []),
        expect: [{ reason: 'none-connected', status: 'fail', actual: 'dummy0 (up)' }],
      },
      {
        name: 'the cable is out',
        facts: facts([lo, nic('eth0', null, { carrier: false }), nic('eth1', null, { up: false, carrier: false })]),
        expect: [{ reason: 'none-connected', actual: 'eth0 (no link), eth1 (down)' }],
      },
      {
        name: 'the cable of the uplink is out, and pods are there',
        facts: facts([
          lo,
          nic('eth0', '10.0.0.12/24', { carrier: false }),
          nic('cni0', '10.244.1.1/24', { kind: 'bridge' }),
        ]),
        expect: [
          {
            reason: 'none-connected',
            status: 'fail',
            message: 'No interface with a default route has a link: eth0.',
            actual: 'eth0 (no link), cni0 (up)',
          },
        ],
      },
      {
        name: 'the cable of the uplink is out, and another network of the node is there',
        facts: facts([
          lo,
          nic('eth0', '192.0.2.12/24', { carrier: false }),
          nic('eth1', '10.0.0.12/24'),
          nic('cni0', '10.244.1.1/24', { kind: 'bridge' }),
        ]),
        expect: [{ reason: 'connected' }],
      },
      {
        name: 'the cable of the uplink is out, and another network of the node is bridged',
        facts: facts([
          lo,
          nic('eth0', '192.0.2.12/24', { carrier: false }),
          nic('br1', '10.0.0.12/24', { kind: 'bridge' }),
          nic('eth1', null, { master: 'br1' }),
        ]),
        expect: [{ reason: 'connected' }],
      },
      {
        name: 'the cable of the uplink is out, and the address that was named is on a bridge of virtual machines',
        plan: { nodeIp: ['10.0.0.12'] },
        facts: facts([
          lo,
          nic('eth0', '192.0.2.12/24', { carrier: false }),
          nic('br1', '10.0.0.12/24', { kind: 'bridge' }),
        ]),
        expect: [{ reason: 'connected' }],
      },
      {
        name: 'one of two uplinks has its cable out',
        facts: facts(
          [lo, nic('eth0', '10.0.0.12/24', { carrier: false }), nic('eth1', '10.1.0.12/24')],
          [via('10.0.0.1', 'eth0'), via('10.1.0.1', 'eth1')],
        ),
        expect: [{ reason: 'connected' }],
      },
      {
        name: 'air-gapped: a dummy holds the default route',
        facts: facts(
          [lo, nic('dummy0', '203.0.113.254/31', { kind: 'dummy' }), nic('eth0', '10.0.0.12/24')],
          [via('203.0.113.255', 'dummy0')],
        ),
        expect: [{ reason: 'connected' }],
      },
      {
        name: 'DHCP did not answer',
        facts: facts([lo, nic('eth0', 'fe80::1/64')]),
        expect: [{ reason: 'no-address', status: 'fail' }],
      },
      {
        name: 'an address that an administrator gave himself does not count',
        facts: facts([lo, nic('eth0', '169.254.3.4/16')]),
        expect: [{ reason: 'no-address' }],
      },
    ],
    compare: [
      {
        name: 'each has its own',
        nodes: [
          { node: { addresses: ['10.0.0.11'] }, facts: at('10.0.0.11/24') },
          { node: { addresses: ['10.0.0.12'] }, facts: at('10.0.0.12/24') },
        ],
        expect: [{ reason: 'own-address', status: 'pass', nodes: ['w1', 'w2'] }],
      },
      {
        name: 'two of three have one',
        nodes: ['10.0.0.11', '10.0.0.12', '10.0.0.11'].map((address) => ({
          node: { addresses: [address] },
          facts: at(`${address}/24`),
        })),
        expect: [
          {
            reason: 'duplicate-address',
            status: 'fail',
            nodes: ['w1', 'w3'],
            subject: '10.0.0.11',
            message: 'w1 and w3 have the same address 10.0.0.11.',
          },
          { reason: 'own-address', nodes: ['w2'] },
        ],
      },
      {
        name: 'an interface of one has the address of another, beside its own',
        nodes: [
          { node: { addresses: ['10.0.0.11'] }, facts: at('10.0.0.11/24', '192.168.56.1/24') },
          { node: { addresses: ['10.0.0.12'] }, facts: at('10.0.0.12/24', '10.0.0.11/32') },
          { node: { addresses: ['10.0.0.13'] }, facts: at('10.0.0.13/24', '192.168.56.1/24') },
        ],
        expect: [
          { reason: 'duplicate-address', status: 'fail', nodes: ['w1', 'w2'], subject: '10.0.0.11' },
          { reason: 'own-address', nodes: ['w3'] },
        ],
      },
      {
        name: 'the same, spelt otherwise',
        nodes: ['2001:db8::1', '2001:DB8:0::1'].map((address) => ({
          node: { addresses: [address] },
          facts: at('2001:db8::1/64'),
        })),
        plan: { podCidr: ['fd00:10:244::/56'] },
        expect: [{ reason: 'duplicate-address', subject: '2001:db8::1' }],
      },
      {
        name: 'machines of Vagrant, left to themselves',
        nodes: [11, 12].map((last) => ({ ...vagrant(last), node: { addresses: ['10.0.2.15'] } })),
        expect: [{ reason: 'duplicate-address', subject: '10.0.2.15' }],
      },
      {
        name: 'machines of Vagrant, addressed by the other network',
        nodes: [vagrant(11), vagrant(12)],
        expect: [{ reason: 'same-choice', status: 'warn', nodes: ['w1', 'w2'], subject: '10.0.2.15' }],
      },
      {
        name: 'machines of Vagrant, and the address of this one was said',
        nodes: [{ ...vagrant(11), node: { addresses: ['192.168.56.11'], self: true } }, vagrant(12)],
        plan: { nodeIp: ['192.168.56.11'] },
        expect: [{ reason: 'own-address', nodes: ['w1', 'w2'] }],
      },
      {
        name: 'machines of Vagrant whose kubelets were told',
        nodes: [11, 12].map((last) => ({
          node: { addresses: ['10.0.2.15'] },
          facts: {
            ...vagrant(last).facts,
            kubeletConfig: { value: configOf({ extraFlags: { 'node-ip': `192.168.56.${last}` } }) },
          },
        })),
        expect: [{ reason: 'own-address', nodes: ['w1', 'w2'] }],
      },
      {
        name: 'kubelets that were told the same',
        nodes: ['10.0.0.11', '10.0.0.12'].map((address) => ({
          node: { addresses: [address], stage: 'joined' as const },
          facts: { ...at(`${address}/24`), kubeletConfig: { value: configOf({ flags: { 'node-ip': '10.0.0.9' } }) } },
        })),
        expect: [{ reason: 'duplicate-address', subject: '10.0.0.9' }],
      },
      {
        name: 'a family that the cluster does not use',
        nodes: ['10.0.0.11', '10.0.0.12'].map((address) => ({
          node: { addresses: [address, 'fd17::2'] },
          facts: facts(
            [lo, nic('eth0', `${address}/24`), nic('eth1', 'fd17::2/64')],
            [via('10.0.0.1', 'eth0'), via('fe80::1', 'eth1', '::/0')],
          ),
        })),
        expect: [{ reason: 'own-address' }],
      },
      {
        name: 'absent is never equal to absent',
        nodes: [
          { facts: facts([lo, nic('eth0', null)], []) },
          { facts: facts([lo, nic('eth0', null)], []) },
          { facts: { ...facts([]), interfaces: { interfaces: [], shown: false as const } } },
          { node: { addresses: ['0.0.0.0'] }, facts: facts([lo], []) },
        ],
        expect: [],
      },
    ],
  },
  test,
);
