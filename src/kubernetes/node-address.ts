import type { Facts } from '../evidence/facts.ts';
import { isGlobalUnicast, isWildcard, parseIp, type Family } from '../values/ip.ts';

type Interface = Facts['interfaces']['interfaces'][number];
type Route = Facts['routes']['routes'][number];

export interface NodeAddress {
  readonly address: string;
  readonly family: Family;
  /** Of the default route; the address may sit on the loopback interface. */
  readonly interface: string;
}

/**
 * The address that kubeadm advertises and kubelet registers when nobody names one: the first usable one of the interface with the
 * default route, IPv4 before IPv6. Metrics are not compared: the kernel lists the better route first. As chooseHostInterface of
 * k8s.io/apimachinery/pkg/util/net, https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/create-cluster-kubeadm/
 */
export function chooseNodeAddress(interfaces: Facts['interfaces'], routes: Facts['routes']): NodeAddress | null {
  return nodeAddresses(interfaces, routes)[0] ?? null;
}

/** The address that would be chosen of each family which has a default route, IPv4 first. */
export function nodeAddresses({ interfaces }: Facts['interfaces'], { routes }: Facts['routes']): NodeAddress[] {
  return ([4, 6] as const).flatMap((family) => {
    for (const route of routes.filter((each) => each.family === family && isDefaultRoute(each))) {
      const address = routedAddress(route, interfaces);
      if (address !== null) return [{ address, family, interface: route.interface }];
    }
    return [];
  });
}

/** The address that a default route leads to: of its interface or, with addresses on the loopback alone (RFC 5549), of that. */
export function routedAddress(
  route: Pick<Route, 'family' | 'interface'>,
  interfaces: readonly Interface[],
): string | null {
  const own = interfaces.find(({ name, up }) => up && name === route.interface);
  if (own === undefined) return null;
  const candidates = [own, ...interfaces.filter(({ loopback, up }) => loopback && up)];
  return candidates.flatMap((each) => usableAddresses(each, route.family))[0] ?? null;
}

export function isDefaultRoute({ destination }: Pick<Route, 'destination'>): boolean {
  return destination === '0.0.0.0/0' || destination === '::/0';
}

/** 0.0.0.0 and :: as --node-ip or advertiseAddress name no address: kubelet and kubeadm choose one. */
export function isChosenByProgram(address: string): boolean {
  const ip = parseIp(address);
  return ip !== null && isWildcard(ip);
}

/** What kubelet and kubeadm accept as an address of the node. */
export function usableAddresses({ addresses }: Interface, family: Family): string[] {
  return addresses
    .filter((candidate) => candidate.family === family)
    .map(({ address }) => address)
    .filter((address) => {
      const ip = parseIp(address);
      return ip !== null && isGlobalUnicast(ip);
    });
}
