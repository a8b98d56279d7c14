import { test } from 'vitest';
import check from '../../../checks/cluster/node-status.ts';
import type { Facts } from '../../../src/evidence/facts.ts';
import { testCheck } from '../../../src/plugins/test-check.ts';
import { nic } from '../network/facts.ts';
import { clusterNode } from './nodes.ts';

const MACHINE_ID = 'a'.repeat(32);
const joined = { stage: 'joined' } as const;
const eth0 = nic('eth0', '10.0.0.12/24');
const ABSENT = { path: null, version: null, problem: null };
const NETWORKS = {
  version: 'v1.36.2',
  apiServerIps: [],
  serviceCidrs: [],
  podCidrs: [],
  controlPlaneEndpoint: null,
  unread: [],
};

type Node = ReturnType<typeof clusterNode>;
type Network = NonNullable<Facts['cniFiles']['files'][number]['network']>;

interface Given {
  readonly interfaces?: Facts['interfaces'];
  readonly machineId?: string;
  readonly kubelet?: string | null;
  readonly server?: string | null;
  readonly files?: Facts['cniFiles'];
}

function facts(nodes: readonly Node[], given: Given = {}) {
  const {
    interfaces = { interfaces: [eth0] },
    machineId = MACHINE_ID,
    kubelet = '1.36.2',
    server = 'v1.36.2',
    files,
  } = given;
  return {
    clusterNodes: [...nodes],
    interfaces,
    clusterNetworks:
      server === null ? { unread: 'denied' as const, detail: '' } : { value: { ...NETWORKS, version: server } },
    machineId: { value: { machineId } },
    kubelet: {
      value: {
        kubelet: { path: '/usr/bin/kubelet', version: kubelet, problem: null },
        kubeadm: ABSENT,
        unit: null,
        otherProcesses: 'shown' as const,
      },
    },
    cniFiles: files === undefined ? { unread: 'missing' as const, detail: '' } : { value: files },
  };
}

const bridge = (address: string, up = true) => nic('cni0', address, { kind: 'bridge', up });

function hostLocal(subnet: string): Facts['cniFiles'] {
  const plugin = {
    type: 'bridge',
    ipam: 'host-local',
    bridge: null,
    mtu: null,
    isGateway: true,
    ipMasq: true,
    capabilities: [],
    subnets: [subnet],
  };
  const network: Network = {
    name: 'pods',
    cniVersion: '1.0.0',
    cniVersions: null,
    version: '1.0.0',
    siblings: [],
    plugins: [plugin],
  };
  const choice = { outcome: 'wins' as const, file: '10-pods.conflist' };
  return {
    runtime: 'containerd',
    directory: '/etc/cni/net.d',
    present: true,
    runtimeDirectory: null,
    files: [{ name: '10-pods.conflist', state: 'valid', problem: null, network }],
    choices: { containerd: choice, crio: choice },
  };
}

const healthy = [
  { reason: 'ready', status: 'pass' },
  { reason: 'address-here', status: 'pass' },
  { reason: 'kubelet-fits', status: 'pass' },
] as const;
const [ready, here, fits] = healthy;

testCheck(
  check,
  {
    judge: [
      { name: 'a healthy node', node: joined, facts: facts([clusterNode()]), expect: healthy },
      {
        name: 'a healthy node of another name than its host, with a bridge of its pods',
        node: { ...joined, name: 'ip-10-0-0-12' },
        facts: facts([clusterNode()], { interfaces: { interfaces: [eth0, bridge('10.244.1.1/24')] } }),
        expect: [...healthy, { reason: 'pods-here', status: 'pass' }],
      },
      {
        name: 'version not to be had: nothing is said of the kubelet',
        node: joined,
        facts: facts([clusterNode()], { server: null }),
        expect: [ready, here],
      },
      {
        name: 'not Ready, in the words of the kubelet',
        node: joined,
        facts: facts([clusterNode({ ready: 'False', readyWhy: 'KubeletNotReady: cni plugin not initialized' })]),
        expect: [
          {
            reason: 'not-ready',
            status: 'fail',
            message: 'The API says that node w1 is not Ready: KubeletNotReady: cni plugin not initialized.',
          },
          here,
          fits,
        ],
      },
      {
        name: 'not heard from, and being deleted',
        node: joined,
        facts: facts([clusterNode({ ready: 'Unknown', deleting: true })]),
        expect: [{ reason: 'not-ready', actual: 'Ready: Unknown' }, here, fits, { reason: 'deleting', status: 'warn' }],
      },
      {
        name: 'just registered',
        node: joined,
        facts: facts([clusterNode({ ready: null })]),
        expect: [{ reason: 'not-heard', status: 'unknown' }, here, fits],
      },
      {
        name: 'no such node',
        node: joined,
        facts: facts([clusterNode({ name: 'w2', internalIps: ['10.0.0.13'] })]),
        expect: [{ reason: 'not-registered', status: 'fail' }],
      },
      {
        name: 'no such node, and a directory without addresses',
        node: joined,
        facts: facts([clusterNode({ name: 'w2' })], { interfaces: { interfaces: [], shown: false } }),
        expect: [{ reason: 'not-shown', status: 'skip' }],
      },
      {
        name: 'a directory without addresses: nothing is said of them',
        node: joined,
        facts: facts([clusterNode()], { interfaces: { interfaces: [], shown: false } }),
        expect: [ready, fits],
      },
      {
        name: 'the address was changed',
        node: joined,
        facts: facts([clusterNode({ internalIps: ['10.0.0.99'] })]),
        expect: [ready, { reason: 'address-elsewhere', status: 'fail', actual: '10.0.0.12' }, fits],
      },
      {
        name: 'one of two is gone, however it is written',
        node: joined,
        facts: facts([clusterNode({ internalIps: ['10.0.0.12', 'fd00:0::12'] })]),
        expect: [ready, { reason: 'address-gone', status: 'warn' }, fits],
      },
      {
        name: 'another machine has the name, and its being ready is none of ours',
        node: joined,
        facts: facts([clusterNode({ internalIps: ['10.0.0.99'], machineId: 'b'.repeat(32) })]),
        expect: [{ reason: 'name-taken', status: 'fail' }],
      },
      {
        name: 'a machine-id that was changed since is no other machine',
        node: joined,
        facts: facts([clusterNode({ machineId: 'b'.repeat(32) })]),
        expect: healthy,
      },
      {
        name: 'before joining',
        facts: facts([clusterNode({ name: 'w2' })]),
        expect: [{ reason: 'name-free', status: 'pass' }],
      },
      {
        name: 'before joining, under the name of a node that is Ready',
        facts: facts([clusterNode()]),
        expect: [{ reason: 'name-taken', status: 'fail', subject: 'name' }],
      },
      {
        name: 'before joining, under the name of one that is gone',
        facts: facts([clusterNode({ ready: 'Unknown' })]),
        expect: [{ reason: 'name-left', status: 'warn' }],
      },
      {
        name: 'a newer kubelet than the API server',
        node: joined,
        facts: facts([clusterNode({ kubeletVersion: 'v1.37.0' })]),
        expect: [ready, here, { reason: 'kubelet-too-new', status: 'fail' }],
      },
      {
        name: 'an older one than it takes',
        node: joined,
        facts: facts([clusterNode({ kubeletVersion: 'v1.32.9' })]),
        expect: [ready, here, { reason: 'kubelet-too-old', status: 'fail' }],
      },
      {
        name: 'installed, and not running yet',
        node: joined,
        facts: facts([clusterNode({ kubeletVersion: 'v1.35.4' })]),
        expect: [
          ready,
          here,
          { reason: 'kubelet-not-restarted', status: 'warn', expected: '1.36.2', actual: 'v1.35.4' },
        ],
      },
      {
        name: 'a bridge from before',
        node: joined,
        facts: facts([clusterNode()], { interfaces: { interfaces: [eth0, bridge('10.244.7.1/24')] } }),
        expect: [...healthy, { reason: 'pods-elsewhere', status: 'warn', actual: '10.244.7.0/24' }],
      },
      {
        name: 'a bridge that is down, and one of a family that the node was not given',
        node: joined,
        facts: facts([clusterNode()], { interfaces: { interfaces: [eth0, bridge('10.244.7.1/24', false)] } }),
        expect: healthy,
      },
      {
        name: 'a configuration with its own network',
        node: joined,
        facts: facts([clusterNode()], { files: hostLocal('10.22.0.0/16') }),
        expect: [...healthy, { reason: 'pods-elsewhere', actual: '10.22.0.0/16' }],
      },
      {
        name: 'a configuration with the network of the node',
        node: joined,
        facts: facts([clusterNode()], { files: hostLocal('10.244.1.0/24') }),
        expect: [...healthy, { reason: 'pods-here' }],
      },
    ],
  },
  test,
);
