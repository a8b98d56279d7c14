import { test } from 'vitest';
import check from '../../../checks/network/cidr-overlap.ts';
import { testCheck } from '../../../src/plugins/test-check.ts';
import { lo, nic, via, type Interface, type Route } from './facts.ts';

const facts = (interfaces: Interface[], routes: Route[] = [], nameservers: string[] = []) => ({
  interfaces: { interfaces: [lo, ...interfaces] },
  routes: { routes: [via('10.0.0.1', 'eth0'), via(null, 'eth0', '10.0.0.0/24'), ...routes] },
  resolver: {
    value: {
      name: 'w1',
      resolution: null,
      hosts: [],
      hostsSources: null,
      files: { '/etc/resolv.conf': { nameservers, search: [] } },
      resolvedActive: false,
    },
  },
  staticPods: { value: { components: [], broken: [] } },
});
const eth0 = nic('eth0', '10.0.0.12/24');
const plan = { podCidr: ['10.244.0.0/16'], serviceCidr: ['10.96.0.0/12'] };
const apart = [{ reason: 'apart', status: 'pass' }] as const;
const cni0 = nic('cni0', '10.244.2.1/24', { kind: 'bridge' });
const podRoutes = [
  via(null, 'cni0', '10.244.2.0/24'),
  via('10.0.0.13', 'eth0', '10.244.1.0/24'),
  via('10.244.3.0', 'flannel.1', '10.244.3.0/24'),
  via(null, 'cali123', '10.244.2.7/32'),
];

testCheck(
  check,
  {
    judge: [
      {
        name: 'a disk',
        facts: {
          ...facts([]),
          interfaces: { interfaces: [], shown: false as const },
          routes: { routes: [], shown: false as const },
        },
        plan,
        expect: [{ reason: 'not-shown', status: 'skip' }],
      },
      {
        name: 'addresses in a network that overlaps anyway',
        facts: facts([eth0]),
        plan: { podCidr: ['10.0.0.0/16'], nodeIp: ['10.0.0.12'], controlPlaneEndpoint: '10.0.0.11:6443' },
        expect: [
          {
            subject: '10.0.0.0/16 and 10.0.0.0/24',
            message:
              'the pod network 10.0.0.0/16 overlaps the network of eth0 10.0.0.0/24, with the node address and the control plane endpoint in it.',
          },
        ],
      },
      {
        name: 'one address by two names',
        facts: facts([eth0]),
        plan: { podCidr: ['10.9.0.0/16'], nodeIp: ['10.9.0.1'], controlPlaneEndpoint: '10.9.0.1:6443' },
        expect: [{ subject: '10.9.0.0/16 and 10.9.0.1/32' }],
      },
      { name: 'nobody said', facts: facts([eth0]), expect: [{ reason: 'nothing-named', status: 'skip' }] },
      {
        name: 'nobody said, and the default of kubeadm is apart',
        facts: facts([nic('eth0', '10.112.0.5/24')]),
        plan: { podCidr: ['10.244.0.0/16'] },
        expect: [
          { reason: 'apart', message: 'the pod network 10.244.0.0/16 is apart from the networks of this machine.' },
        ],
      },
      {
        name: 'nobody said, and the nodes lie in the default of kubeadm',
        facts: facts([nic('eth0', '10.99.0.5/24')]),
        plan: { podCidr: ['10.244.0.0/16'], nodeIp: ['10.99.0.5'] },
        expect: [
          {
            reason: 'overlap-default',
            status: 'warn',
            subject: '10.96.0.0/12 and 10.99.0.0/24',
            message:
              'kubeadm’s default service network 10.96.0.0/12 overlaps the network of eth0 10.99.0.0/24, with the node address in it.',
          },
        ],
      },
      {
        name: 'nobody said anything, and the name server lies in the default of kubeadm',
        facts: facts([eth0], [], ['10.96.0.10']),
        expect: [{ reason: 'overlap-default', subject: '10.96.0.0/12 and 10.96.0.10/32' }],
      },
      {
        name: 'pods in the default of kubeadm',
        facts: facts([eth0]),
        plan: { podCidr: ['10.100.0.0/16'] },
        expect: [{ reason: 'overlap-default', subject: '10.100.0.0/16 and 10.96.0.0/12' }],
      },
      {
        name: 'nobody said, and both clash: each by itself',
        facts: facts([eth0, nic('eth1', '10.99.0.5/24')]),
        plan: { podCidr: ['10.0.0.0/16'] },
        expect: [
          { reason: 'overlap', subject: '10.0.0.0/16 and 10.0.0.0/24' },
          { reason: 'overlap-default', subject: '10.96.0.0/12 and 10.99.0.0/24' },
        ],
      },
      {
        name: 'another one was named',
        facts: facts([nic('eth0', '10.99.0.5/24')]),
        plan: { serviceCidr: ['172.20.0.0/16'] },
        expect: apart,
      },
      {
        name: 'a joined node has what its cluster has',
        facts: facts([nic('eth0', '10.99.0.5/24')]),
        node: { stage: 'joined' },
        plan: { podCidr: ['10.244.0.0/16'] },
        expect: apart,
      },
      { name: 'apart', facts: facts([eth0], [], ['9.9.9.9']), plan, expect: apart },
      {
        name: 'pods and Services',
        facts: facts([eth0]),
        plan: { podCidr: ['10.96.0.0/16'], serviceCidr: ['10.96.0.0/12'] },
        expect: [{ reason: 'overlap', status: 'fail', subject: '10.96.0.0/16 and 10.96.0.0/12' }],
      },
      {
        name: 'the host network',
        facts: facts([nic('eth0', '192.168.1.5/24')]),
        plan: { podCidr: ['192.168.0.0/16'] },
        expect: [
          { reason: 'overlap', message: 'the pod network 192.168.0.0/16 overlaps the network of eth0 192.168.1.0/24.' },
        ],
      },
      {
        name: 'docker0 without containers: a route alone',
        facts: facts([eth0], [via(null, 'docker0', '172.17.0.0/16')]),
        plan: { podCidr: ['172.16.0.0/12'] },
        expect: [
          {
            reason: 'overlap',
            message: 'the pod network 172.16.0.0/12 overlaps the network of docker0 172.17.0.0/16.',
          },
        ],
      },
      {
        name: 'the name server',
        facts: facts([eth0], [], ['10.96.0.10']),
        plan,
        expect: [{ reason: 'overlap', subject: '10.96.0.0/12 and 10.96.0.10/32' }],
      },
      {
        name: 'the cluster’s own DNS on a joined node',
        facts: facts([eth0], [], ['10.96.0.10']),
        node: { stage: 'joined' },
        plan,
        expect: apart,
      },
      {
        name: 'a route to everything around is wider',
        facts: facts([eth0], [via('10.0.0.254', 'eth0', '10.0.0.0/8')]),
        plan,
        expect: apart,
      },
      {
        name: 'a narrower route on a fresh node',
        facts: facts([eth0], [via('10.0.0.254', 'eth0', '10.244.9.0/24')]),
        plan,
        expect: [{ reason: 'overlap' }],
      },
      {
        name: 'a joined node’s own pods',
        facts: facts([eth0, cni0], podRoutes),
        node: { stage: 'joined' },
        plan,
        expect: apart,
      },
      {
        name: 'a joined control plane tells its networks',
        facts: {
          ...facts([eth0]),
          staticPods: {
            value: {
              components: [
                { name: 'kube-controller-manager', version: null, flags: { 'cluster-cidr': '10.0.0.0/16,fd00::/48' } },
              ],
              broken: [],
            },
          },
        },
        node: { stage: 'joined' },
        expect: [{ reason: 'overlap', subject: '10.0.0.0/16 and 10.0.0.0/24' }],
      },
      {
        name: 'the endpoint, dual stack',
        facts: facts([eth0]),
        plan: { podCidr: ['10.244.0.0/16', 'fd00:1::/48'], controlPlaneEndpoint: '[fd00:1::9]:6443' },
        expect: [{ reason: 'overlap', subject: 'fd00:1::/48 and fd00:1::9/128' }],
      },
    ],
  },
  test,
);
