import { test } from 'vitest';
import check from '../../../checks/network/interfaces.ts';
import { testCheck } from '../../../src/plugins/test-check.ts';
import { lo, nic, via, type Interface } from './facts.ts';

const facts = (interfaces: Interface[], routes = [via('10.0.0.1', 'eth0')]) => ({
  interfaces: { interfaces },
  routes: { routes },
});

testCheck(
  check,
  {
    judge: [
      {
        name: 'a disk',
        facts: { interfaces: { interfaces: [], shown: false as const }, routes: { routes: [], shown: false as const } },
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
        expect: [{ reason: 'none-connected', status: 'fail', actual: 'dummy0 (no link)' }],
      },
      {
        name: 'the cable is out',
        facts: facts([lo, nic('eth0', null, { carrier: false }), nic('eth1', null, { up: false, carrier: false })]),
        expect: [{ reason: 'none-connected', actual: 'eth0 (no link), eth1 (down)' }],
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
  },
  test,
);
