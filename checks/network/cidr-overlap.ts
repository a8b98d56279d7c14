import type { Facts } from '../../src/evidence/facts.ts';
import type { Reading } from '../../src/evidence/reading.ts';
import type { Settings } from '../../src/plan/settings.ts';
import { defineCheck } from '../../src/judging/define-check.ts';
import { notShown } from '../../src/judging/not-shown.ts';
import { isClusterInterface } from '../../src/kubernetes/cluster-interfaces.ts';
import { DEFAULT_SERVICE_SUBNET } from '../../src/kubernetes/kubeadm-configuration.ts';
import { contains, formatCidr, network, overlaps, parseCidr, type Cidr } from '../../src/values/cidr.ts';
import { WIDTH, isGlobalUnicast, parseIp } from '../../src/values/ip.ts';

export default defineCheck({
  id: 'network/cidr-overlap',
  title: 'pod, service and host networks are apart',
  docs: 'https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/create-cluster-kubeadm/#pod-network',
  kubeadm: [],
  stages: ['fresh', 'joined'],
  reasons: { apart: 'pass', 'nothing-named': 'skip', 'not-shown': 'skip', 'overlap-default': 'warn', overlap: 'fail' },
  needs: ['interfaces', 'routes'],
  wants: ['resolver', 'staticPods'],
  judge({ interfaces, routes, resolver, staticPods }, { node, plan }) {
    const joined = node.stage === 'joined';
    const told = clusterNetworks(plan, staticPods);
    // Of a node that has joined the cluster decided it long ago.
    const networks = joined || told.services.length > 0 ? [...told.pods, ...told.services] : [...told.pods, ...ASSUMED];
    const known = networks.filter(({ assumed }) => assumed !== true);
    const nameservers = 'value' in resolver ? (resolver.value.files['/etc/resolv.conf']?.nameservers ?? []) : [];
    const others = [
      ...hostNetworks(interfaces, routes, joined),
      // On a joined node resolv.conf may name the cluster’s own DNS Service on purpose.
      ...(joined ? [] : nameservers.flatMap((address) => single(address, 'the name server'))),
      ...plan.nodeIp.flatMap((address) => single(address, 'the node address')),
      ...endpoints(plan).flatMap((address) => single(address, 'the control plane endpoint')),
    ];
    const clashes = [
      ...networks.flatMap((a, index) =>
        networks.slice(index + 1).flatMap((b) => (overlaps(a.cidr, b.cidr) ? [{ cluster: a, other: b }] : [])),
      ),
      ...networks.flatMap((cluster) =>
        others.flatMap((other) =>
          overlaps(cluster.cidr, other.cidr) && !isOwn(cluster, other, joined) ? [{ cluster, other }] : [],
        ),
      ),
    ];
    if (clashes.length === 0 && known.length === 0) {
      return [
        {
          subject: 'networks',
          reason: 'nothing-named',
          message: 'Neither --pod-cidr nor --service-cidr was given, and nothing on this machine tells them.',
        },
      ];
    }
    if (clashes.length === 0 && interfaces.shown === false) return [notShown('networks')];
    if (clashes.length === 0) {
      return [
        {
          subject: 'networks',
          reason: 'apart',
          message: `${known.map(({ what, cidr }) => `${what} ${formatCidr(cidr)}`).join(' and ')} ${known.length === 1 ? 'is' : 'are'} apart from the networks of this machine.`,
          evidence: { networks: known.map(({ cidr }) => formatCidr(cidr)), compared: others.length },
        },
      ];
    }
    return merged(clashes).map(({ cluster, other, within }) => {
      const draft = {
        subject: `${formatCidr(cluster.cidr)} and ${formatCidr(other.cidr)}`,
        message: `${cluster.what} ${formatCidr(cluster.cidr)} overlaps ${other.what} ${formatCidr(other.cidr)}${within.length === 0 ? '' : `, with ${within.join(' and ')} in it`}.`,
        why: 'Packets for one go to the other: pods, Services or machines of that range cannot be reached from here.',
        expected: 'ranges of their own',
        actual: `${formatCidr(cluster.cidr)} and ${formatCidr(other.cidr)}`,
        evidence: { cluster: formatCidr(cluster.cidr), other: formatCidr(other.cidr), what: other.what },
      };
      return cluster.assumed === true || other.assumed === true
        ? { ...draft, reason: 'overlap-default' as const, remedy: NAME_SERVICES }
        : { ...draft, reason: 'overlap' as const, remedy: CHOOSE_ANOTHER };
    });
  },
});

const CHOOSE_ANOTHER = {
  text: 'Choose another range: for pods and Services podSubnet and serviceSubnet of kubeadm’s configuration (and that of the network add-on), before kubeadm init; for docker0 `bip` in /etc/docker/daemon.json.',
};

const NAME_SERVICES = {
  text: 'Give a new cluster another range for its Services, with --service-cidr of kubeadm init or serviceSubnet of its configuration; name that range, or the one that the cluster has, to seaworthy with --service-cidr.',
};

interface Named {
  readonly what: string;
  readonly cidr: Cidr;
  readonly gateway?: boolean;
  /** Nobody named it: what kubeadm would take. */
  readonly assumed?: boolean;
}

const ASSUMED: readonly Named[] = named([DEFAULT_SERVICE_SUBNET], 'kubeadm’s default service network').map((each) => ({
  ...each,
  assumed: true,
}));

interface Clash {
  readonly cluster: Named;
  readonly other: Named;
}

/** One finding for each pair of networks: an address of the machine in a network that clashes anyway is told there. */
function merged(clashes: readonly Clash[]): (Clash & { readonly within: readonly string[] })[] {
  const isWithin = (inner: Clash, outer: Clash) =>
    inner !== outer &&
    inner.cluster === outer.cluster &&
    isAddress(inner.other.cidr) &&
    (isAddress(outer.other.cidr) ? clashes.indexOf(outer) < clashes.indexOf(inner) : true) &&
    contains(outer.other.cidr, { family: inner.other.cidr.family, bits: inner.other.cidr.base });
  return clashes
    .filter((inner) => !clashes.some((outer) => isWithin(inner, outer)))
    .map((outer) => ({
      ...outer,
      within: clashes.filter((inner) => isWithin(inner, outer)).map(({ other }) => other.what),
    }));
}

function isAddress({ family, prefix }: Cidr): boolean {
  return prefix === WIDTH[family];
}

/** What the user said; else, on a control plane, what its components were started with. */
function clusterNetworks(
  plan: Settings,
  staticPods: Reading<Facts['staticPods']>,
): { readonly pods: Named[]; readonly services: Named[] } {
  const flags = 'value' in staticPods ? staticPods.value.components.map((component) => component.flags) : [];
  const flag = (name: string) =>
    flags
      .map((each) => each[name])
      .find((value) => value !== undefined)
      ?.split(',') ?? [];
  const pods = plan.podCidr.length > 0 ? plan.podCidr : flag('cluster-cidr');
  const services = plan.serviceCidr.length > 0 ? plan.serviceCidr : flag('service-cluster-ip-range');
  return { pods: named(pods, 'the pod network'), services: named(services, 'the service network') };
}

function named(texts: readonly string[], what: string): Named[] {
  return [...new Set(texts)].flatMap((text) => {
    const cidr = parseCidr(text.trim());
    return cidr === null ? [] : [{ what, cidr }];
  });
}

function single(address: string, what: string): Named[] {
  const ip = parseIp(address);
  return ip === null || !isGlobalUnicast(ip) ? [] : [{ what, cidr: network(ip, ip.family === 4 ? 32 : 128) }];
}

/** Literal addresses only: a name may well resolve to something else from elsewhere. */
function endpoints({ controlPlaneEndpoint, advertiseAddress, join }: Settings): string[] {
  const hosts = [controlPlaneEndpoint, join?.endpoint].map((each) =>
    (each ?? '').replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1'),
  );
  return [...new Set([...hosts, advertiseAddress ?? ''])];
}

/** Networks of the machine that are not the cluster’s own; one each, by address and interface. */
function hostNetworks({ interfaces }: Facts['interfaces'], { routes }: Facts['routes'], joined: boolean): Named[] {
  const connected = interfaces.flatMap(({ name, loopback, addresses }) =>
    loopback || isClusterInterface(name)
      ? []
      : addresses.flatMap(({ address, prefix }) => {
          const ip = parseIp(address);
          return ip === null || !isGlobalUnicast(ip)
            ? []
            : [{ what: `the network of ${name}`, cidr: network(ip, prefix) }];
        }),
  );
  const routed = routes.flatMap(({ destination, gateway, interface: name }) => {
    const cidr = parseCidr(destination);
    if (cidr === null || cidr.prefix === 0 || isClusterInterface(name)) return [];
    if (!isGlobalUnicast({ family: cidr.family, bits: cidr.base + 1n })) return [];
    if (gateway === null) return [{ what: `the network of ${name}`, cidr }];
    // The cluster routes pods between nodes once it runs.
    return joined ? [] : [{ what: 'the route to', cidr, gateway: true }];
  });
  const all = [...connected, ...routed];
  const keys = all.map(({ what, cidr }) => `${what} ${formatCidr(cidr)}`);
  return all.filter((_, index) => keys.indexOf(keys[index] ?? '') === index);
}

/** A route to everything around (10.0.0.0/8 by a gateway) yields to the narrower routes of the cluster. */
function isOwn({ cidr }: Named, other: Named, joined: boolean): boolean {
  const isWider = other.cidr.prefix < cidr.prefix;
  if (other.gateway === true) return isWider;
  // A pod’s own host route (/32 to a veth of any name) is the pod network itself.
  const isHostRoute = isAddress(other.cidr) && other.what.startsWith('the network');
  return joined && isHostRoute && contains(cidr, { family: other.cidr.family, bits: other.cidr.base });
}
