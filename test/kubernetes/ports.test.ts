import { expect, test } from 'vitest';
import { addOns } from '../../src/kubernetes/add-ons.ts';
import { neededPorts } from '../../src/kubernetes/needed-ports.ts';
import { COMPONENT_PORTS } from '../../src/kubernetes/ports.ts';
import { DEFAULTS } from '../../src/plan/defaults.ts';

test('each port has one component', () => {
  const ports = COMPONENT_PORTS.map(({ port }) => port);
  expect(new Set(ports).size).toBe(ports.length);
});

test('what only the node itself uses listens on loopback, but for load balancers and what is gone', () => {
  const open = COMPONENT_PORTS.filter(
    ({ from, bind, until }) => from.length === 0 && until === null && !bind.includes('loopback'),
  );
  expect(open.map(({ port }) => port)).toEqual([10_256]);
  const reached = COMPONENT_PORTS.filter(({ from }) => from.length > 0);
  expect(reached.filter(({ bind }) => bind.every((each) => each === 'loopback'))).toEqual([]);
});

test.each([
  ['1.11', [10_251, 10_252]],
  ['1.12', [10_251, 10_252, 10_257]],
  ['1.16', [10_251, 10_252, 10_257, 10_259]],
  ['1.36', [10_257, 10_259]],
])('the control plane of %s listens on %j', (kubernetesVersion, expected) => {
  const needed = neededPorts({ roles: ['control-plane'], kubernetesVersion }, DEFAULTS);
  const ports = needed.filter(({ legacy, by }) => !legacy && /manager|scheduler/.test(by)).map(({ port }) => port);
  expect(ports).toEqual(expected);
});

test.each([
  ['1.16', ['tcp/10251', 'tcp/10252']],
  ['1.17', ['tcp/10257', 'tcp/10259']],
])('kubeadm %s tests %j', (kubernetesVersion, expected) => {
  const needed = neededPorts({ roles: ['control-plane'], kubernetesVersion }, DEFAULTS);
  const tested = needed.filter(({ preflight, by }) => preflight !== null && /manager|scheduler/.test(by));
  expect(tested.map(({ protocol, port }) => `${protocol}/${port}`)).toEqual(expected);
});

test('each network add-on of the command line is known', () => {
  expect(Object.keys(addOns)).toEqual([
    'flannel',
    'flannel-host-gw',
    'flannel-wireguard',
    'calico-vxlan',
    'calico-ipip',
    'calico-bgp',
    'cilium-vxlan',
    'cilium-geneve',
    'cilium-native',
    'weave',
    'antrea',
    'kube-router',
    'ovn-kubernetes',
    'none',
  ]);
});

test('an overlay port of one family is needed by clusters that have it', () => {
  const udp = (podCidr: readonly string[]) =>
    neededPorts({ roles: ['worker'], kubernetesVersion: '1.36' }, { ...DEFAULTS, cni: 'flannel-wireguard', podCidr })
      .filter(({ protocol }) => protocol === 'udp')
      .map(({ port }) => port);
  expect(udp([])).toEqual([51_820, 51_821]);
  expect(udp(['10.244.0.0/16'])).toEqual([51_820]);
  expect(udp(['fd00::/48'])).toEqual([51_821]);
});
