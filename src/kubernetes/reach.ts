import type { Role, Settings } from '../plan/settings.ts';
import type { PortRange } from '../values/port-range.ts';
import type { AddOn, AddOnPort } from './add-ons.ts';
import { addOnOf, isServedBy, portOf, portsOf, rolesOf, type PortHolder } from './needed-ports.ts';
import { COMPONENT_PORTS, type ComponentPort } from './ports.ts';

/** Ports of one node that another one must reach. */
export interface NeededReach {
  readonly kind: 'component' | 'add-on' | 'node-port';
  readonly protocol: 'tcp' | 'udp';
  readonly ports: PortRange;
  /** Who speaks to whom: `kubelet → kube-apiserver`, `VXLAN (flannel)`. */
  readonly purpose: string;
  /** What fails without it. */
  readonly why: string;
  /** How datagrams on it are dressed. */
  readonly encapsulation: 'vxlan' | 'geneve' | null;
  /** Only addresses of this family are spoken to; null for any. */
  readonly family: 4 | 6 | null;
  /** A feature that can be off uses it. */
  readonly optional: boolean;
  /** The one role that makes it needed, where the role of a node is not known. */
  readonly onlyFor: Role | null;
}

/**
 * Who calls the ports of components from another machine, and what fails when it does not get there:
 * https://kubernetes.io/docs/reference/networking/ports-and-protocols/
 */
export const CALLERS: Readonly<Record<number, { readonly caller: string; readonly why: string }>> = {
  6443: { caller: 'kubelet', why: 'Without it the node does not join, or goes NotReady.' },
  2379: { caller: 'kube-apiserver', why: 'Without it a control plane cannot join etcd, or has no storage.' },
  2380: {
    caller: 'etcd',
    why: 'Without it members of etcd lose each other, and without a majority the cluster stands still.',
  },
  10_250: {
    caller: 'kube-apiserver',
    why: 'Without it kubectl exec, logs and metrics fail for every pod of that node.',
  },
};

/** Every port of `to` that `from` must reach under this plan. What listens on loopback alone is never among them. */
export function reaches(from: PortHolder, to: PortHolder, plan: Settings): NeededReach[] {
  const components = COMPONENT_PORTS.filter((row) => isServedBy(row, to.kubernetesVersion)).flatMap((row) =>
    componentReach(row, from, to, plan),
  );
  if (!runsPods(from) || !runsPods(to)) return components;
  const addOn = addOnOf(plan);
  const overlay = addOn === null ? [] : portsOf(addOn, plan).filter(({ bind }) => bind !== 'loopback');
  return [
    ...components,
    ...overlay.map((port) => addOnReach(port, addOn?.title ?? '')),
    nodePorts('tcp', plan),
    nodePorts('udp', plan),
  ];
}

/** IP protocols of the network add-on that nothing but itself can send between nodes. */
export function untriedProtocols(plan: Settings): AddOn['ipProtocols'] {
  return addOnOf(plan)?.ipProtocols ?? [];
}

/** Who a node is, as far as it matters to whom it speaks. */
export interface PairedNode extends PortHolder {
  readonly name: string;
  readonly self: boolean;
}

/** The directed pairs that need a port of each other: with this node at one end where it takes part, otherwise all. */
export function neededPairs<N extends PairedNode>(nodes: readonly N[], plan: Settings): { from: N; to: N }[] {
  const mesh = nodes.every(({ self }) => !self);
  return nodes.flatMap((from) =>
    nodes
      .filter((to) => to !== from && (mesh || from.self || to.self) && reaches(from, to, plan).length > 0)
      .map((to) => ({ from, to })),
  );
}

/** Nodes of the role etcd alone have neither pods nor Services. */
export function runsPods({ roles }: PortHolder): boolean {
  return roles.some((role) => role !== 'etcd');
}

function componentReach(row: ComponentPort, from: PortHolder, to: PortHolder, plan: Settings): NeededReach[] {
  const senders = sendersOf(row, plan);
  const receivers = rolesOf(row, plan);
  const called = CALLERS[row.port];
  if (called === undefined || !plays(from, senders) || !plays(to, receivers)) return [];
  const port = portOf(row, plan);
  return [
    {
      kind: 'component',
      protocol: row.protocol,
      ports: { first: port, last: port },
      purpose: `${called.caller} → ${row.component}`,
      why: called.why,
      encapsulation: null,
      family: null,
      optional: false,
      onlyFor: onlyRole(to, receivers) ?? onlyRole(from, senders),
    },
  ];
}

/** Members of etcd speak to members: with an external one no control plane is any. */
function sendersOf(row: ComponentPort, plan: Settings): readonly Role[] {
  return row.component === 'etcd' && row.from.includes('etcd') ? rolesOf(row, plan) : row.from;
}

function plays({ roles }: PortHolder, wanted: readonly Role[]): boolean {
  return wanted.length > 0 && (roles.includes('any') || wanted.some((role) => roles.includes(role)));
}

/** Most nodes are workers: what a worker does not need is needed only if the node becomes something else. */
function onlyRole({ roles }: PortHolder, needing: readonly Role[]): Role | null {
  return roles.includes('any') && !needing.includes('worker') ? (needing[0] ?? null) : null;
}

function addOnReach(
  { protocol, port, purpose, encapsulation, family, optional }: AddOnPort,
  title: string,
): NeededReach {
  const [brand = title] = title.split(' ');
  return {
    kind: 'add-on',
    protocol,
    ports: { first: port, last: port },
    purpose: purpose.includes(brand) ? purpose : `${purpose} (${title})`,
    why: optional
      ? `${title} needs it where that feature is on.`
      : `Without it ${title} cannot connect the pods of these two nodes.`,
    encapsulation,
    family: family ?? null,
    optional,
    onlyFor: null,
  };
}

function nodePorts(protocol: 'tcp' | 'udp', { nodePortRange }: Settings): NeededReach {
  return {
    kind: 'node-port',
    protocol,
    ports: nodePortRange,
    purpose: 'NodePort',
    why: 'A Service that is given such a NodePort is not reached by it on that node.',
    encapsulation: null,
    family: null,
    optional: false,
    onlyFor: null,
  };
}
