import type { ComparedNode, Remedy } from '../../src/engine/check.ts';
import { defineCheck } from '../../src/judging/define-check.ts';
import { notShown } from '../../src/judging/not-shown.ts';
import {
  areStacked,
  isOnNodeNetwork,
  speaksForItself,
  type Interface,
} from '../../src/judging/network/node-network.ts';
import { SHARED_MACS, isClusterInterface } from '../../src/kubernetes/cluster-interfaces.ts';
import { usableAddresses } from '../../src/kubernetes/node-address.ts';
import { isUnicastMac } from '../../src/values/mac.ts';

const why = 'Switches and neighbours send the packets of one to the other: connections hang at random.';

const remedy: Remedy = {
  text: 'Give the interface a hardware address of its own: in the hypervisor for a virtual machine, else where this system configures its network, so that it is kept (MACAddress= of systemd-networkd, cloned-mac-address of NetworkManager). On clones look at identity/machine-id first: systemd derives addresses from it.',
  commands: ['ip link'],
};

export default defineCheck({
  id: 'network/mac-addresses',
  title: 'hardware addresses are valid and unique',
  docs: 'https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/install-kubeadm/#verify-mac-address',
  kubeadm: [],
  stages: ['fresh', 'joined'],
  reasons: {
    valid: 'pass',
    unique: 'pass',
    'nothing-to-judge': 'skip',
    'not-shown': 'skip',
    'invalid-mac': 'fail',
    'duplicate-mac': 'fail',
  },
  needs: ['interfaces'],
  wants: ['routes'],
  judge({ interfaces: { interfaces: all, shown } }) {
    if (shown === false) return [notShown('interfaces')];
    const judged = all.filter(speaksForItself);
    const invalid = judged.filter(({ mac }) => mac !== null && !isUnicastMac(mac));
    const duplicates = sharedHere(all);
    if (judged.length === 0) {
      return [
        {
          subject: 'interfaces',
          reason: 'nothing-to-judge',
          message: 'No interface that is up and addressed has a hardware address.',
        },
      ];
    }
    if (invalid.length === 0 && duplicates.length === 0) {
      const shown = judged.slice(0, 50).map(({ name, mac }) => ({ name, mac }));
      return [
        {
          subject: 'interfaces',
          reason: 'valid',
          message: `${judged.length === 1 ? 'The hardware address is' : `All ${judged.length} hardware addresses are`} valid and held once on this machine.`,
          evidence: { interfaces: shown },
        },
      ];
    }
    return [
      ...invalid.map((each) => ({
        subject: each.name,
        reason: 'invalid-mac' as const,
        message: `${each.name} has a hardware address that no interface may have as its own.`,
        why: 'Switches and neighbours drop what comes from it.',
        expected: 'a unicast address that is not all zero',
        actual: each.mac ?? '',
        remedy,
      })),
      ...duplicates.map(({ mac, names }) => ({
        subject: mac,
        reason: 'duplicate-mac' as const,
        message: `${names.join(' and ')} have the same hardware address, and none stands on the other.`,
        why,
        expected: 'a hardware address of its own for each interface',
        actual: mac,
        evidence: { interfaces: names },
        remedy,
      })),
    ];
  },
  compare(all) {
    const nodes = all.filter(({ facts }) => facts.interfaces.shown !== false);
    const holders = [...byMac(nodes, wires), ...byMac(nodes, tunnelEnds)];
    const duplicates = holders.filter((each) => each.length > 1 && !areApart(each));
    const involved = new Set(duplicates.flatMap((each) => each.map(({ node }) => node)));
    const unique = nodes.map(({ node }) => node.name).filter((name) => !involved.has(name));
    return [
      ...duplicates.map((each) => ({
        nodes: [...new Set(each.map(({ node }) => node))],
        subject: each[0]?.mac ?? '',
        reason: 'duplicate-mac' as const,
        message: `${each.map(({ node, name }) => `${name} of ${node}`).join(' and ')} have the same hardware address.`,
        why,
        expected: 'a hardware address of its own on each node',
        actual: each[0]?.mac ?? '',
        evidence: { interfaces: each.map(({ node, name }) => ({ node, name })) },
        remedy,
      })),
      ...(unique.length === 0
        ? []
        : [
            {
              nodes: unique,
              subject: 'interfaces',
              reason: 'unique' as const,
              message: 'No other node of the run has one of these hardware addresses.',
            },
          ]),
    ];
  },
});

/** Addresses of several interfaces of one machine, neither of which stands on the other. */
function sharedHere(all: readonly Interface[]): { mac: string; names: string[] }[] {
  // Virtual functions and their device share an address in several designs; a VTEP is told apart by its VNI.
  const candidates = all.filter(
    (each) => speaksForItself(each) && isOwn(each) && !each.virtualFunction && !isTunnelEnd(each),
  );
  return [...new Set(candidates.map(({ mac }) => mac ?? ''))].flatMap((mac) => {
    const same = candidates.filter((each) => each.mac === mac);
    const [first] = same;
    if (first === undefined || same.every((each) => areStacked(first, each, all))) return [];
    return [{ mac, names: same.map(({ name }) => name) }];
  });
}

function isOwn({ name, mac }: Interface): boolean {
  return mac !== null && isUnicastMac(mac) && !SHARED_MACS.includes(mac) && !isClusterInterface(name);
}

function isTunnelEnd({ kind }: Interface): boolean {
  return kind === 'vxlan' || kind === 'tunnel';
}

type Node = ComparedNode<'interfaces', 'routes'>;

interface Holder {
  readonly node: string;
  readonly name: string;
  readonly mac: string;
  readonly addresses: readonly string[];
  /** The address of the node was named, and is of another interface. */
  readonly aside: boolean;
}

/** The same IP addresses too, and none of them the node’s: each is behind a NAT of its own, as Vagrant’s first interface is. */
function areApart(holders: readonly Holder[]): boolean {
  return holders.every(({ aside }) => aside) && new Set(holders.map(({ addresses }) => addresses.join())).size === 1;
}

/** Interfaces on the network of the nodes, each hardware address once a node. */
function wires({ facts }: Node): Interface[] {
  const all = facts.interfaces.interfaces;
  const routes = 'value' in facts.routes ? facts.routes.value : null;
  return all.filter((each) => speaksForItself(each) && isOwn(each) && isOnNodeNetwork(each, all, routes));
}

/** Ends of overlays: the other nodes reach them by their hardware address too. */
function tunnelEnds({ facts }: Node): Interface[] {
  return facts.interfaces.interfaces.filter((each) => speaksForItself(each) && each.kind === 'vxlan');
}

function byMac(nodes: readonly Node[], pick: (node: Node) => Interface[]): Holder[][] {
  const found = new Map<string, Holder[]>();
  for (const each of nodes) {
    const taken = new Set<string>();
    for (const one of pick(each)) {
      const { name, mac } = one;
      if (mac === null || taken.has(mac)) continue;
      taken.add(mac);
      const addresses = usableAddresses(one, 4);
      const named = each.node.addresses;
      const aside = named.length > 0 && !one.addresses.some(({ address }) => named.includes(address));
      found.set(mac, [...(found.get(mac) ?? []), { node: each.node.name, name, mac, addresses, aside }]);
    }
  }
  return [...found.values()];
}
