import type { Facts } from '../../evidence/facts.ts';
import { isDefaultRoute, usableAddresses } from '../../kubernetes/node-address.ts';

export type Interface = Facts['interfaces']['interfaces'][number];

/** It has an address at which other machines could reach it. */
export function isAddressed(each: Interface): boolean {
  return usableAddresses(each, 4).length + usableAddresses(each, 6).length > 0;
}

/** What answers at a hardware address of its own: up, addressed, and not a member of a bridge or bond. */
export function speaksForItself(each: Interface): boolean {
  return each.up && isAddressed(each) && each.master === null && each.mac !== null && each.kind !== 'dummy';
}

/** Whether other nodes meet the interface on a wire: a bridge of containers (docker0, cni0, virbr0) and a veth of a pod stay inside the machine. */
export function isOnNodeNetwork(each: Interface, all: readonly Interface[], routes: Facts['routes'] | null): boolean {
  if ((routes?.routes ?? []).some((route) => route.interface === each.name && isDefaultRoute(route))) return true;
  if (each.kind === 'bridge') return all.some((port) => port.master === each.name && isWire(port));
  return isWire(each);
}

function isWire({ kind }: Interface): boolean {
  return kind === 'physical' || kind === 'bond' || kind === 'vlan' || kind === 'macvlan';
}

/** Interfaces that stand on one another have one hardware address by design: a VLAN and its parent, a bridge and its port, a bond. */
export function areStacked(a: Interface, b: Interface, all: readonly Interface[]): boolean {
  const besides = (name: string) =>
    all.flatMap(({ name: own, master, parent }) => [
      ...(own === name ? [master, parent].filter((below) => below !== null) : []),
      ...(master === name || parent === name ? [own] : []),
    ]);
  const reached = new Set([a.name]);
  // A set that grows is walked to its end.
  for (const name of reached) for (const next of besides(name)) reached.add(next);
  return reached.has(b.name);
}
