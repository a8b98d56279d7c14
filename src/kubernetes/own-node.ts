import { canonicalIp } from '../values/ip.ts';

/** What tells a node of a cluster from others. */
interface Named {
  readonly name: string;
  readonly internalIps: readonly string[];
}

/**
 * The node that a machine is, of those that the API tells of: the kubelet registers by a name, which need not be that of the host, and with an address
 * of the machine. Null when none fits.
 */
export function ownNode<T extends Named>(
  nodes: readonly T[],
  machine: { readonly name: string; readonly addresses: readonly string[] },
): T | null {
  const own = new Set(machine.addresses.map(canonicalIp));
  const here = nodes.filter(({ internalIps }) => internalIps.some((address) => own.has(canonicalIp(address))));
  const isNamed = ({ name }: T) => name === machine.name;
  return here.find(isNamed) ?? here[0] ?? nodes.find(isNamed) ?? null;
}
