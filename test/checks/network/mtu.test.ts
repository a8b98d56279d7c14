import { expect, test } from 'vitest';
import check from '../../../checks/network/mtu.ts';
import type { PathMtuRequest, PathMtuResult, Probed, ProbeReading } from '../../../src/evidence/probes.ts';
import { DEFAULTS } from '../../../src/plan/defaults.ts';
import { testCheck } from '../../../src/plugins/test-check.ts';
import { lo, nic, via, type Interface } from './facts.ts';

const unread = { unread: 'missing', detail: 'not there' } as const;

const on = (address: string, mtu: number, ...others: Interface[]) => ({
  interfaces: { interfaces: [lo, nic('eth0', `${address}/24`, { mtu }), ...others] },
  routes: { routes: [via('10.0.0.1', 'eth0'), via(null, 'eth0', '10.0.0.0/24')] },
  cniFiles: unread,
});
const facts = (mtu: number, ...others: Interface[]) => on('10.0.0.12', mtu, ...others);

const nodeAt = (address: string, mtu: number) => ({ node: { addresses: [address] }, facts: on(address, mtu) });

/** w1, which runs the check, w2 and w3. */
const here = (...mtus: number[]) => mtus.map((mtu, index) => nodeAt(`10.0.0.${11 + index}`, mtu));
const mesh = (...mtus: number[]) =>
  here(...mtus).map((each, index) => ({ ...each, node: { ...each.node, name: `n${index}`, self: false } }));

const request = (from: string, to: string, address: string, ceiling = 1500): PathMtuRequest => ({
  kind: 'path-mtu',
  from,
  to,
  address,
  ports: [30_000, 31_383, 32_767],
  ceiling,
});
const said = (asked: PathMtuRequest, reading: ProbeReading<'path-mtu'>): Probed => ({
  kind: 'path-mtu',
  request: asked,
  reading,
});
function met(asked: PathMtuRequest, over: Partial<PathMtuResult>): Probed {
  const { ceiling } = asked;
  const whole = {
    port: 30_000,
    mtu: ceiling,
    beyond: 'none-tried' as const,
    ceiling,
    source: '10.0.0.11',
    detail: null,
  };
  return said(asked, { value: { ...whole, ...over } });
}
const there = request('w1', 'w2', '10.0.0.12');
const back = request('w2', 'w1', '10.0.0.11');
const equal = { reason: 'equal' };

/** cni0 of a node whose chain gives pods this MTU. */
const configured = (mtu: number) => ({
  value: {
    runtime: 'containerd' as const,
    directory: '/etc/cni/net.d',
    present: true,
    runtimeDirectory: null,
    files: [
      {
        name: '10-net.conflist',
        state: 'valid' as const,
        problem: null,
        network: {
          name: 'net',
          cniVersion: '1.0.0',
          cniVersions: null,
          version: '1.0.0',
          siblings: [],
          plugins: [
            {
              type: 'bridge',
              ipam: null,
              bridge: 'cni0',
              mtu,
              isGateway: true,
              ipMasq: null,
              capabilities: [],
              subnets: [],
            },
          ],
        },
      },
    ],
    choices: {
      containerd: { outcome: 'wins' as const, file: '10-net.conflist' },
      crio: { outcome: 'wins' as const, file: '10-net.conflist' },
    },
  },
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
          {
            message: 'The MTU of eth0 is 1500; flannel leaves pods 1450. That says nothing of the way to other nodes.',
          },
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
    probes: [
      {
        name: 'this node and its peers, both ways',
        nodes: here(1500, 9000, 1500),
        expect: [
          there,
          request('w1', 'w3', '10.0.0.13'),
          request('w2', 'w1', '10.0.0.11', 9000),
          request('w3', 'w1', '10.0.0.11'),
        ],
      },
      {
        name: 'all pairs of a mesh',
        nodes: mesh(1500, 1500, 1500),
        expect: [
          ['n0', 'n1', '10.0.0.12'],
          ['n0', 'n2', '10.0.0.13'],
          ['n1', 'n0', '10.0.0.11'],
          ['n1', 'n2', '10.0.0.13'],
          ['n2', 'n0', '10.0.0.11'],
          ['n2', 'n1', '10.0.0.12'],
        ].map(([from = '', to = '', address = '']) => request(from, to, address)),
      },
      {
        name: 'the add-on’s ports first, and the NodePorts that were named',
        nodes: here(1500, 1500),
        plan: { cni: 'flannel', nodePortRange: { first: 20_000, last: 20_000 } },
        expect: [there, back].map((each) => ({ ...each, ports: [8472, 20_000] })),
      },
      {
        name: 'a joined peer opens nothing',
        nodes: [
          nodeAt('10.0.0.11', 1500),
          { ...nodeAt('10.0.0.12', 1500), node: { addresses: ['10.0.0.12'], stage: 'joined' } },
        ],
        plan: { cni: 'flannel' },
        expect: [
          { ...there, ports: [] },
          { ...back, ports: [8472, ...back.ports] },
        ],
      },
      {
        name: 'a joined peer that is told to open NodePorts',
        nodes: [
          nodeAt('10.0.0.11', 1500),
          { ...nodeAt('10.0.0.12', 1500), node: { addresses: ['10.0.0.12'], stage: 'joined' } },
        ],
        plan: { only: ['network', 'ports/node-ports-reachable'] },
        expect: [there, back],
      },
      {
        name: 'members of an etcd of its own and workers need nothing of each other',
        nodes: [
          nodeAt('10.0.0.11', 1500),
          { ...nodeAt('10.0.0.12', 1500), node: { addresses: ['10.0.0.12'], roles: ['etcd'] } },
        ],
        plan: { etcd: 'external' },
        expect: [],
      },
      {
        name: 'a route of its own to the other node',
        nodes: [
          {
            node: { addresses: ['10.0.0.11'] },
            facts: {
              ...on('10.0.0.11', 1500, nic('wg0', '10.9.0.1/24', { mtu: 1420 })),
              routes: { routes: [via('10.0.0.1', 'eth0'), via(null, 'wg0', '10.0.0.12/32')] },
            },
          },
          nodeAt('10.0.0.12', 1500),
        ],
        expect: [{ ...there, ceiling: 1420 }, back],
      },
      {
        name: 'both families of a dual-stack cluster, where both nodes have both',
        nodes: ['2001:db8::11', '2001:db8::12'].map((address, index) => {
          const both = on(`10.0.0.${11 + index}`, 1500, nic('eth1', `${address}/64`, { mtu: 9000 }));
          return {
            node: { addresses: [`10.0.0.${11 + index}`, address] },
            facts: { ...both, routes: { routes: [...both.routes.routes, via('fe80::1', 'eth1', '::/0')] } },
          };
        }),
        plan: { podCidr: ['10.244.0.0/16', 'fd00:10:244::/56'] },
        expect: [there, request('w1', 'w2', '2001:db8::12', 9000), back, request('w2', 'w1', '2001:db8::11', 9000)],
      },
      {
        name: 'a disk has no way to anybody',
        nodes: [
          nodeAt('10.0.0.11', 1500),
          {
            node: { addresses: ['10.0.0.12'] },
            facts: { ...facts(1500), interfaces: { interfaces: [], shown: false as const } },
          },
        ],
        expect: [],
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
      {
        name: 'the path carries what the interfaces do',
        nodes: here(1500, 1500),
        probed: [met(there, {}), met(back, {})],
        expect: [
          equal,
          {
            reason: 'carried',
            status: 'pass',
            nodes: ['w1', 'w2'],
            subject: 'IPv4 path',
            message: 'Packets of 1500 bytes, the MTU of eth0, get whole from w1 to w2.',
          },
          { reason: 'carried', nodes: ['w2', 'w1'] },
        ],
      },
      {
        name: 'too big, and told so: flannel left to itself is too wide',
        nodes: here(1500, 1500),
        plan: { cni: 'flannel' },
        probed: [met(there, { mtu: 1400, beyond: 'told' })],
        expect: [
          equal,
          {
            reason: 'too-small',
            status: 'warn',
            nodes: ['w1', 'w2'],
            message:
              'The path from w1 to w2 carries packets of 1400 bytes, and flannel left to itself goes by the 1500 of eth0.',
            expected: 'at most 1400 bytes, 1350 of them for pods',
            remedy: {
              text: 'Set MTU of Backend in net-conf.json (ConfigMap kube-flannel-cfg) to 1400. Or widen the path.',
              commands: ['tracepath -n 10.0.0.12'],
            },
          },
        ],
      },
      {
        name: 'the number is that of the narrowest path',
        nodes: here(1500, 1500),
        plan: { cni: 'calico-vxlan' },
        probed: [met(there, { mtu: 1400, beyond: 'told' }), met(back, { mtu: 1300, beyond: 'told' })],
        expect: [
          equal,
          ...['10.0.0.12', '10.0.0.11'].map((address) => ({
            reason: 'too-small',
            remedy: {
              text: 'Set calicoNetwork.mtu of the Installation, or veth_mtu of the ConfigMap calico-config, to 1250. Or widen the path.',
              commands: [`tracepath -n ${address}`],
            },
          })),
        ],
      },
      {
        name: 'a narrow path, and a tunnel that is narrow enough',
        nodes: [{ facts: on('10.0.0.11', 1500, flannel(1350)) }, { facts: on('10.0.0.12', 1500) }],
        plan: { cni: 'flannel' },
        probed: [met(there, { mtu: 1400, beyond: 'told' })],
        expect: [equal, { reason: 'carried', status: 'pass' }],
      },
      {
        name: 'a narrow path, and a tunnel that is too wide',
        nodes: [{ facts: on('10.0.0.11', 1500, flannel(1450)) }, { facts: on('10.0.0.12', 1500) }],
        probed: [met(there, { mtu: 1400, beyond: 'told' })],
        expect: [
          equal,
          {
            reason: 'too-small',
            actual: 'up to 1500 bytes',
            message:
              'The path from w1 to w2 carries packets of 1400 bytes, and flannel.1 lets packets of 1450 bytes pass, 1500 with its header.',
          },
        ],
      },
      {
        name: 'the chain that is configured is narrow enough',
        nodes: [{ facts: { ...on('10.0.0.11', 1500), cniFiles: configured(1350) } }, { facts: on('10.0.0.12', 1500) }],
        plan: { cni: 'flannel' },
        probed: [met(there, { mtu: 1400, beyond: 'told' })],
        expect: [equal, { reason: 'carried' }],
      },
      {
        name: 'the chain that is configured is too wide',
        nodes: [{ facts: { ...on('10.0.0.11', 1500), cniFiles: configured(1351) } }, { facts: on('10.0.0.12', 1500) }],
        plan: { cni: 'flannel' },
        probed: [met(there, { mtu: 1400, beyond: 'told' })],
        expect: [equal, { reason: 'too-small', actual: 'up to 1401 bytes' }],
      },
      {
        name: 'nobody said which add-on it will be',
        nodes: here(1500, 1500),
        probed: [met(there, { mtu: 1400, beyond: 'told' })],
        expect: [
          equal,
          {
            reason: 'too-small',
            message:
              'The path from w1 to w2 carries packets of 1400 bytes, and a network add-on left to itself goes by the 1500 of eth0.',
          },
        ],
      },
      {
        name: 'a black hole',
        nodes: here(1500, 1500),
        plan: { cni: 'cilium-vxlan' },
        probed: [met(there, { mtu: 1400, beyond: 'black-hole' }), met(back, {})],
        expect: [
          equal,
          {
            reason: 'black-hole',
            status: 'fail',
            nodes: ['w1', 'w2'],
            message:
              'Packets of more than 1400 bytes vanish from w1 to w2, and nobody tells the sender: eth0 sends up to 1500.',
            evidence: {
              from: { address: '10.0.0.11', interface: 'eth0', mtu: 1500 },
              to: { address: '10.0.0.12', port: 30_000, interface: 'eth0', mtu: 1500 },
              pathMtu: 1400,
              tried: 1500,
              beyond: 'black-hole',
              podPackets: 1500,
              overhead: 50,
            },
          },
          { reason: 'carried', nodes: ['w2', 'w1'] },
        ],
      },
      {
        name: 'uplinks that differ: the packets say what comes of it',
        nodes: here(9000, 1500),
        probed: [met({ ...there, ceiling: 9000 }, { mtu: 1500, beyond: 'black-hole', ceiling: 9000 }), met(back, {})],
        expect: [{ reason: 'black-hole' }, { reason: 'carried' }],
      },
      {
        name: 'uplinks that differ, and one way was not measured',
        nodes: here(9000, 1500),
        probed: [met(back, {})],
        expect: [{ reason: 'mismatch' }, { reason: 'carried' }],
      },
      {
        name: 'a joined peer opens no port',
        nodes: [here(1500)[0]!, { node: { stage: 'joined' }, facts: facts(1500) }],
        probed: [met(there, { port: null, mtu: null, beyond: null, detail: 'no port is open' })],
        expect: [equal, { reason: 'not-open', status: 'skip', nodes: ['w1', 'w2'] }],
      },
      {
        name: 'a joined peer that was told to open NodePorts, and is silent',
        nodes: [here(1500)[0]!, { node: { stage: 'joined' }, facts: facts(1500) }],
        plan: { only: ['network', 'ports/node-ports-reachable'] },
        probed: [met(there, { port: null, mtu: null, beyond: null })],
        expect: [
          equal,
          {
            reason: 'no-answer',
            status: 'unknown',
            message: 'How large packets from w1 to w2 may be was not measured: no port answered.',
          },
        ],
      },
      {
        name: 'a sender that does not look for the path MTU',
        nodes: here(1500, 1500),
        probed: [met(there, { mtu: null, beyond: null, detail: 'ip_no_pmtu_disc is 1.' })],
        expect: [
          equal,
          {
            reason: 'no-answer',
            message: 'How large packets from w1 to w2 may be was not measured: ip_no_pmtu_disc is 1.',
          },
        ],
      },
      {
        name: 'peers that are gone',
        nodes: here(1500, 1500),
        probed: [
          said(there, { unread: 'peer-unreachable', machine: 'w2', detail: 'w2 refuses.' }),
          said(back, { unread: 'undecided', machine: 'w2', detail: 'w2 vanished.' }),
        ],
        expect: [
          equal,
          { reason: 'peer-unreachable', status: 'unknown', nodes: ['w1', 'w2'] },
          { reason: 'undecided', status: 'unknown', nodes: ['w2', 'w1'] },
        ],
      },
    ],
  },
  test,
);

test('each node of a large mesh is measured to ten others', () => {
  const nodes = mesh(...Array.from({ length: 51 }, () => 1500)).map(({ node, facts: known }) => ({
    node: {
      roles: ['worker' as const],
      stage: 'fresh' as const,
      kubernetesVersion: DEFAULTS.kubernetesVersion,
      versionFrom: 'default' as const,
      ...node,
    },
    facts: known,
  }));
  const asked = check.probes?.(nodes, { plan: DEFAULTS }) ?? [];
  const senders = Map.groupBy(asked, (each) => ('from' in each ? each.from : ''));
  expect([...senders.keys()]).toHaveLength(51);
  expect(new Set([...senders.values()].map(({ length }) => length))).toEqual(new Set([10]));
});
