import { describe, expect, test } from 'vitest';
import { addOns } from '../../src/kubernetes/add-ons.ts';
import { COMPONENT_PORTS } from '../../src/kubernetes/ports.ts';
import { CALLERS, neededPairs, reaches, untriedProtocols } from '../../src/kubernetes/reach.ts';
import { DEFAULTS } from '../../src/plan/defaults.ts';
import type { Role, Settings } from '../../src/plan/settings.ts';
import { formatPortRange } from '../../src/values/port-range.ts';

const holder = (role: Role | 'any' | readonly Role[], kubernetesVersion = '1.36') => ({
  roles: typeof role === 'string' ? [role] : role,
  kubernetesVersion,
});
const ports = (from: Parameters<typeof holder>[0], to: Parameters<typeof holder>[0], plan: Partial<Settings> = {}) =>
  reaches(holder(from), holder(to), { ...DEFAULTS, ...plan }).map(
    ({ protocol, ports: range, onlyFor }) =>
      `${protocol}/${formatPortRange(range)}${onlyFor === null ? '' : ` ${onlyFor}`}`,
  );
const NODE_PORTS = ['tcp/30000-32767', 'udp/30000-32767'];

test('each port of a component that other nodes use has its caller', () => {
  const remote = COMPONENT_PORTS.filter(({ from }) => from.length > 0).map(({ port }) => port);
  expect(new Set(Object.keys(CALLERS).map(Number))).toEqual(new Set(remote));
});

describe('roles', () => {
  test.each<[Parameters<typeof holder>[0], Parameters<typeof holder>[0], readonly string[]]>([
    ['control-plane', 'control-plane', ['tcp/6443', 'tcp/2379', 'tcp/2380', 'tcp/10250', ...NODE_PORTS]],
    ['control-plane', 'worker', ['tcp/10250', ...NODE_PORTS]],
    ['worker', 'control-plane', ['tcp/6443', ...NODE_PORTS]],
    ['worker', 'worker', NODE_PORTS],
    ['etcd', 'control-plane', ['tcp/6443', 'tcp/2380']],
    ['control-plane', 'etcd', ['tcp/2379', 'tcp/2380', 'tcp/10250']],
    ['etcd', 'etcd', ['tcp/2380']],
    ['etcd', 'worker', []],
    ['worker', 'etcd', []],
    [['control-plane', 'etcd'], 'worker', ['tcp/10250', ...NODE_PORTS]],
  ])('%s → %s', (from, to, expected) => {
    expect(ports(from, to)).toEqual(expected);
  });

  test.each<[Parameters<typeof holder>[0], Parameters<typeof holder>[0], readonly string[]]>([
    ['worker', 'any', ['tcp/6443 control-plane', ...NODE_PORTS]],
    ['any', 'worker', ['tcp/10250 control-plane', ...NODE_PORTS]],
    [
      'any',
      'control-plane',
      ['tcp/6443', 'tcp/2379 control-plane', 'tcp/2380 control-plane', 'tcp/10250 control-plane', ...NODE_PORTS],
    ],
    [
      'control-plane',
      'any',
      ['tcp/6443 control-plane', 'tcp/2379 control-plane', 'tcp/2380 control-plane', 'tcp/10250', ...NODE_PORTS],
    ],
    [
      'any',
      'any',
      [
        'tcp/6443 control-plane',
        'tcp/2379 control-plane',
        'tcp/2380 control-plane',
        'tcp/10250 control-plane',
        ...NODE_PORTS,
      ],
    ],
  ])('a role that nobody told: %s → %s', (from, to, expected) => {
    expect(ports(from, to)).toEqual(expected);
  });

  test('with an external etcd no control plane is a member', () => {
    const external = { etcd: 'external' } as const;
    expect(ports('control-plane', 'control-plane', external)).toEqual(['tcp/6443', 'tcp/10250', ...NODE_PORTS]);
    expect(ports('control-plane', 'etcd', external)).toEqual(['tcp/2379', 'tcp/10250']);
    expect(ports('etcd', 'etcd', external)).toEqual(['tcp/2380']);
    expect(ports('etcd', 'control-plane', external)).toEqual(['tcp/6443']);
  });
});

test('settings move the API server and the NodePorts', () => {
  const plan = { apiServerPort: 16_443, nodePortRange: { first: 20_000, last: 20_010 } };
  expect(ports('worker', 'control-plane', plan)).toEqual(['tcp/16443', 'tcp/20000-20010', 'udp/20000-20010']);
});

test.each(['1.9', '1.16', '1.21', '1.36', '1.40'])('no component of %s on loopback, and no legacy port', (version) => {
  const found = reaches(holder('any', version), holder('any', version), DEFAULTS)
    .filter(({ kind }) => kind === 'component')
    .map(({ ports: { first } }) => first);
  expect(found).toEqual([6443, 2379, 2380, 10_250]);
});

test.each<[string, readonly string[]]>([
  ['flannel', ['udp/8472 VXLAN (flannel)']],
  ['flannel-host-gw', []],
  ['flannel-wireguard', ['udp/51820 WireGuard (flannel)', 'udp/51821 WireGuard (flannel)']],
  ['calico-vxlan', ['udp/4789 VXLAN (Calico)', 'tcp/5473 Typha (Calico)']],
  ['calico-ipip', ['tcp/179 BGP (Calico)', 'tcp/5473 Typha (Calico)']],
  ['cilium-geneve', ['udp/6081 Geneve (Cilium)', 'tcp/4240 Cilium health', 'tcp/4244 Hubble server (Cilium)']],
  ['weave', ['tcp/6783 Weave control', 'udp/6783 Weave sleeve data', 'udp/6784 Weave fast data path']],
  ['kube-router', ['tcp/179 BGP (kube-router)', 'tcp/20244 kube-router health']],
  ['none', []],
])('%s', (cni, expected) => {
  const found = reaches(holder('worker'), holder('worker'), { ...DEFAULTS, cni }).filter(
    ({ kind }) => kind === 'add-on',
  );
  expect(found.map(({ protocol, ports: { first }, purpose }) => `${protocol}/${first} ${purpose}`)).toEqual(expected);
  expect(reaches(holder('worker'), holder('etcd'), { ...DEFAULTS, cni })).toEqual([]);
});

test('what is dressed, what may be off, and what cannot be tried', () => {
  const of = (cni: string) => reaches(holder('worker'), holder('worker'), { ...DEFAULTS, cni });
  expect(of('flannel').map(({ encapsulation }) => encapsulation)).toEqual(['vxlan', null, null]);
  expect(of('calico-bgp').map(({ optional }) => optional)).toEqual([false, true, false, false]);
  expect(untriedProtocols({ ...DEFAULTS, cni: 'calico-ipip' })).toEqual([{ number: 4, name: 'IP-in-IP' }]);
  expect(untriedProtocols(DEFAULTS)).toEqual([]);
  for (const cni of Object.keys(addOns))
    expect(of(cni).every(({ purpose, why }) => purpose !== '' && why !== '')).toBe(true);
});

test('pairs that need each other', () => {
  const node = (name: string, role: Role, self = false) => ({ name, self, ...holder(role) });
  const pairs = (...nodes: readonly ReturnType<typeof node>[]) =>
    neededPairs(nodes, DEFAULTS).map(({ from, to }) => `${from.name}→${to.name}`);
  expect(pairs(node('cp', 'control-plane'), node('w1', 'worker'), node('e', 'etcd'))).toEqual([
    'cp→w1',
    'cp→e',
    'w1→cp',
    'e→cp',
  ]);
  expect(pairs(node('w1', 'worker', true), node('w2', 'worker'), node('w3', 'worker'))).toEqual([
    'w1→w2',
    'w1→w3',
    'w2→w1',
    'w3→w1',
  ]);
});
