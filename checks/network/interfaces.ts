import type { Facts } from '../../src/evidence/facts.ts';
import { defineCheck } from '../../src/judging/define-check.ts';
import { holders } from '../../src/judging/duplicates.ts';
import { addressesOf, choicesOf, leavesChoice, type MetNode } from '../../src/judging/network/met-addresses.ts';
import { notShown } from '../../src/judging/not-shown.ts';
import { isClusterInterface } from '../../src/kubernetes/cluster-interfaces.ts';
import {
  chooseNodeAddress,
  isChosenByProgram,
  isDefaultRoute,
  usableAddresses,
} from '../../src/kubernetes/node-address.ts';
import type { Settings } from '../../src/plan/settings.ts';
import { parseCidr } from '../../src/values/cidr.ts';
import { canonicalIp, type Family } from '../../src/values/ip.ts';

const why = 'Kubelet registers an address of this machine, and the other nodes reach it there.';

export default defineCheck({
  id: 'network/interfaces',
  title: 'an interface is connected and has an address',
  docs: 'https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/install-kubeadm/#check-network-adapters',
  kubeadm: [],
  stages: ['fresh', 'joined'],
  reasons: {
    connected: 'pass',
    'own-address': 'pass',
    'same-choice': 'warn',
    'none-connected': 'fail',
    'no-address': 'fail',
    'address-not-here': 'fail',
    'duplicate-address': 'fail',
    'not-shown': 'skip',
  },
  needs: ['interfaces', 'routes'],
  wants: ['kubeletConfig'],
  judge({ interfaces, routes }, { node, plan }) {
    if (interfaces.shown === false) return [notShown('interfaces')];
    const all = interfaces.interfaces;
    const connected = all.filter(({ up, carrier, loopback, kind }) => up && carrier && !loopback && kind !== 'dummy');
    const names = connected.map(({ name }) => name);
    // A bridge of pods has a link for as long as there are pods; a second network that other nodes may be reached by is something else.
    const routed = new Set(routes.routes.filter(isDefaultRoute).map((route) => route.interface));
    const uplinks = all.filter(({ name }) => routed.has(name));
    const cut =
      connected.length > 0 &&
      uplinks.length > 0 &&
      uplinks.every(({ up, carrier }) => !(up && carrier)) &&
      connected.every((each) => each.kind === 'bridge' || isClusterInterface(each.name) || !isAddressed(each));
    const seen = all
      .filter(({ loopback }) => !loopback)
      .map(({ name, up, carrier }) => `${name} (${!up ? 'down' : carrier ? 'up' : 'no link'})`);
    if (connected.length === 0 || cut) {
      return [
        {
          subject: 'interfaces',
          reason: 'none-connected',
          message: cut
            ? `No interface with a default route has a link: ${uplinks.map(({ name }) => name).join(', ')}.`
            : 'No network interface is switched on and has a link.',
          why,
          expected: 'at least one interface that is up and has a link',
          actual: seen.length === 0 ? 'only the loopback interface' : seen.slice(0, 5).join(', '),
          evidence: { interfaces: seen },
          remedy: {
            text: 'Connect an interface (cable, virtual switch, driver), and configure it where this system configures its network, so that it comes up with the machine.',
            commands: ['ip link'],
          },
        },
      ];
    }
    // On a routed fabric the node's address sits on the loopback interface.
    const addressed = all.filter((each) => each.up && isAddressed(each));
    if (addressed.length === 0) {
      return [
        {
          subject: 'interfaces',
          reason: 'no-address',
          message: `${names.slice(0, 5).join(', ')} ${names.length === 1 ? 'is' : 'are'} connected, and no interface has an address that other machines could reach.`,
          why,
          expected: 'an address that is neither loopback nor link-local',
          actual: 'none',
          evidence: { connected: names },
          remedy: {
            text: 'Give the uplink an address by DHCP or in the configuration of this system’s network.',
            commands: ['ip address'],
          },
        },
      ];
    }
    const isControlPlane = node.roles.some((role) => role === 'control-plane' || role === 'any');
    const faults = [...missingFamilies(all, plan), ...missingAddresses(all, plan, isControlPlane)];
    if (faults.length > 0) return faults;
    const chosen = chooseNodeAddress(interfaces, routes);
    const named = plan.nodeIp.find((address) => !isChosenByProgram(address));
    const says =
      named !== undefined
        ? `--node-ip names ${named}.`
        : chosen === null
          ? 'No address can be chosen without a default route: name one with --node-ip.'
          : `kubeadm and kubelet would choose ${chosen.address} on ${chosen.interface}.`;
    return [
      {
        subject: chosen?.interface ?? addressed[0]?.name ?? 'interfaces',
        reason: 'connected',
        message: `${connected.length === 1 ? 'One interface is' : `${connected.length} interfaces are`} connected. ${says}`,
        evidence: { connected: names.slice(0, 50), chosen },
      },
    ];
  },
  compare(all, { plan }) {
    const nodes = all.filter(({ facts }) => facts.interfaces.shown !== false);
    // What a node would only choose may be an address behind a NAT of its own.
    const addressed = nodes.filter(({ node }) => node.addresses.length > 0);
    const met = new Set(addressed.flatMap((each) => addressesOf(each, plan)));
    const shared = holdersOf(nodes, (each) => [
      ...new Set([...addressesOf(each, plan), ...configured(each).filter((address) => met.has(address))]),
    ]);
    const same = holdersOf(nodes, (each) => (leavesChoice(each, plan) ? choicesOf(each, plan) : [])).filter(
      ({ value }) => shared.every((each) => each.value !== value),
    );
    const named = new Set([...shared, ...same].flatMap(({ nodes: names }) => names));
    const own = nodes
      .filter((each) => !named.has(each.node.name) && addressesOf(each, plan).length > 0)
      .map(({ node }) => node.name);
    return [
      ...shared.map(duplicate),
      ...same.map(sameChoice),
      ...(own.length === 0
        ? []
        : [
            {
              nodes: own,
              subject: 'addresses',
              reason: 'own-address' as const,
              message: 'No other node of the run has the address of one of these.',
            },
          ]),
    ];
  },
});

function isAddressed(each: Interfaces[number]): boolean {
  return usableAddresses(each, 4).length + usableAddresses(each, 6).length > 0;
}

/** Whatever it calls itself, it answers for all of these. */
function configured({ facts }: MetNode): string[] {
  return facts.interfaces.interfaces
    .filter(({ name, up, loopback, kind }) => up && !loopback && kind !== 'dummy' && !isClusterInterface(name))
    .flatMap((each) => [...usableAddresses(each, 4), ...usableAddresses(each, 6)])
    .map(canonicalIp);
}

type Shared = ReturnType<typeof holders>[number];

/** Addresses that several nodes have. */
function holdersOf(nodes: readonly MetNode[], addresses: (node: MetNode) => readonly string[]): Shared[] {
  const each = nodes.flatMap((one) => addresses(one).map((address) => ({ node: one.node, address })));
  return holders(each, ({ address }) => address).filter(({ nodes: names }) => names.length > 1);
}

function duplicate({ value, nodes }: Shared) {
  return {
    nodes,
    subject: value,
    reason: 'duplicate-address' as const,
    message: `${nodes.join(' and ')} have the same address ${value}.`,
    why: 'Packets for one reach the other: the API server, kubelets and tunnels of the two answer for each other at random.',
    expected: 'an address of its own for each node',
    actual: value,
    remedy: {
      text: `Give each machine an address of its own by DHCP or in the configuration of its network. If ${value} is that of a NAT which each has for itself, as of Vagrant’s first interface, name the address at which the others reach it: --apiserver-advertise-address for kubeadm, node-ip for kubelet.`,
      commands: ['ip address', 'ip route show default'],
    },
  };
}

function sameChoice({ value, nodes }: Shared) {
  return {
    nodes,
    subject: value,
    reason: 'same-choice' as const,
    message: `Unless they are told otherwise, kubeadm and kubelet choose ${value} on each of ${nodes.join(' and ')}.`,
    why: 'It is the address of the interface with the default route, a NAT of each machine’s own as a rule: the nodes would register it, and could not be reached there.',
    expected: 'a choice that differs, or none that is left',
    actual: value,
    remedy: {
      text: 'Name the address of each node: --apiserver-advertise-address (localAPIEndpoint.advertiseAddress) for kubeadm on control planes, and node-ip for every kubelet, in nodeRegistration.kubeletExtraArgs of kubeadm’s configuration.',
      commands: ['ip address', 'ip route show default'],
    },
  };
}

type Interfaces = Facts['interfaces']['interfaces'];

/** Families of the pod and service networks that no interface of this machine has an address of; those of pods' interfaces do not count. */
function missingFamilies(all: Interfaces, { podCidr, serviceCidr }: Settings) {
  const own = all.filter(({ name, up }) => up && !isClusterInterface(name));
  const families = ([4, 6] as const).filter((family) =>
    [...podCidr, ...serviceCidr].some((cidr) => parseCidr(cidr)?.family === family),
  );
  const missing = families.filter((family) => own.every((each) => usableAddresses(each, family).length === 0));
  return missing.map((family: Family) => ({
    subject: `IPv${family}`,
    reason: 'no-address' as const,
    message: `The cluster uses IPv${family}, and no interface has an IPv${family} address that other machines could reach.`,
    why,
    expected: `an IPv${family} address that is neither loopback nor link-local`,
    actual: 'none',
    evidence: { family, podCidr, serviceCidr },
    remedy: {
      text: `Give the uplink an IPv${family} address where this system configures its network, or leave IPv${family} out of podSubnet and serviceSubnet.`,
      commands: [`ip -${family} address`],
    },
  }));
}

/** Addresses that were named for this machine, and that none of its interfaces has. */
function missingAddresses(all: Interfaces, plan: Settings, isControlPlane: boolean) {
  // The files of a directory do not tell every address.
  if (plan.root !== null) return [];
  const own = new Set(all.flatMap(({ addresses }) => addresses.map(({ address }) => canonicalIp(address))));
  // An external etcd listens elsewhere, and the API server binds what --bind-address says.
  const advertised = isControlPlane && plan.etcd === 'stacked' ? plan.advertiseAddress : null;
  const named = [
    ...plan.nodeIp.map((address) => ({
      address,
      what: '--node-ip',
      why: 'Kubelet refuses an address that no interface of the machine has: “node IP not found in the host’s network interfaces”.',
    })),
    ...(advertised === null || plan.nodeIp.includes(advertised)
      ? []
      : [
          {
            address: advertised,
            what: 'localAPIEndpoint.advertiseAddress',
            why: 'etcd listens on this address, and cannot bind one that no interface has.',
            onlyFor: 'control-plane' as const,
          },
        ]),
  ];
  return named
    .filter(({ address }) => !isChosenByProgram(address) && !own.has(canonicalIp(address)))
    .map(({ address, what, ...rest }) => ({
      ...rest,
      subject: address,
      reason: 'address-not-here' as const,
      message: `${what} names ${address}, and no interface of this machine has that address.`,
      expected: 'an address of this machine',
      actual: [...own].slice(0, 10).join(', '),
      evidence: { address },
      remedy: {
        text: `Name an address of this machine in ${what === '--node-ip' ? '--node-ip, here and in kubelet’s arguments (kubeletExtraArgs of kubeadm’s configuration)' : 'kubeadm’s configuration'}, or give the interface this one. The public address of a cloud’s NAT is none of the machine’s.`,
        commands: ['ip address'],
      },
    }));
}
