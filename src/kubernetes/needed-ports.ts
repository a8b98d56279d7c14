import type { Role, Settings } from '../plan/settings.ts';
import { compareVersions, parseVersion } from '../values/version.ts';
import { addOns, type AddOn, type AddOnPort } from './add-ons.ts';
import { COMPONENT_PORTS, PREFLIGHT_KNOWS_ADDRESSES_SINCE, type Bind, type ComponentPort } from './ports.ts';

/** Who a node is, as far as its ports go by it. */
export interface PortHolder {
  readonly roles: readonly (Role | 'any')[];
  readonly kubernetesVersion: string;
}

/** A port that a node needs for itself. */
export interface NeededPort {
  readonly protocol: 'tcp' | 'udp';
  readonly port: number;
  /** The component or the network add-on that listens there. */
  readonly by: string;
  readonly purpose: string;
  readonly why: string;
  readonly bind: readonly Bind[];
  /** Served before the version in question, and no longer. */
  readonly legacy: boolean;
  /** The version that served it last is before this one. */
  readonly until: string | null;
  /** A feature that can be off uses it. */
  readonly optional: boolean;
  /** A kernel device holds it, and no process. */
  readonly kernel: boolean;
  /** The one role that makes it needed, on a node whose role nobody told. */
  readonly onlyFor: Role | null;
  /** Whether kubeadm's preflight tests it, and whether it then tries only the addresses of the component. */
  readonly preflight: 'wildcard' | 'addresses' | null;
}

/** Every port that role, version, network add-on and configuration need, by number. */
export function neededPorts(holder: PortHolder, plan: Settings): NeededPort[] {
  const components = COMPONENT_PORTS.filter(
    (row) => isServedBy(row, holder.kubernetesVersion) && !isReplaced(row, plan),
  ).flatMap((row) => neededOf(row, holder, plan));
  const addOn = addOnOf(plan);
  const cluster = holder.roles.some((role) => role !== 'etcd');
  const overlay = addOn === null || !cluster ? [] : portsOf(addOn, plan).map((port) => addOnNeed(addOn, port));
  return [...components, ...overlay].sort((a, b) => a.port - b.port || (a.protocol < b.protocol ? -1 : 1));
}

/** Every port that any node could need under this plan, whatever its role and version: where holders are worth a look. */
export function possiblePorts(plan: Settings): { protocol: 'tcp' | 'udp'; port: number; bind: readonly Bind[] }[] {
  const addOn = addOnOf(plan);
  const components = COMPONENT_PORTS.map((row) => ({
    protocol: row.protocol,
    port: portOf(row, plan),
    bind: row.bind,
  }));
  const overlay = (addOn?.ports ?? []).map(({ protocol, port, bind }) => ({ protocol, port, bind: [bind] }));
  return [...components, ...overlay];
}

/** The port of a row; kube-apiserver's own is a setting. */
export function portOf({ component, port }: ComponentPort, plan: Settings): number {
  return component === 'kube-apiserver' ? plan.apiServerPort : port;
}

/** Roles whose nodes need a row under this plan. */
export function rolesOf({ component, roles }: ComponentPort, plan: Settings): readonly Role[] {
  return component === 'etcd' && plan.etcd === 'external' ? ['etcd'] : roles;
}

function isBefore(version: string, limit: string): boolean {
  const [a, b] = [parseVersion(version), parseVersion(limit)];
  return a !== null && b !== null && compareVersions(a, b) < 0;
}

/** What a version does not serve yet is nobody's; what it serves no longer stays in the table as legacy. */
export function isServedBy({ since }: ComponentPort, version: string): boolean {
  return since === null || !isBefore(version, since);
}

function isReplaced({ component }: ComponentPort, plan: Settings): boolean {
  return component === 'kube-proxy' && addOnOf(plan)?.replacesKubeProxy === 'always';
}

/** The network add-on that was named. */
export function addOnOf({ cni }: Settings): AddOn | null {
  return cni === null ? null : (addOns[cni] ?? null);
}

function neededOf(row: ComponentPort, { roles, kubernetesVersion }: PortHolder, plan: Settings): NeededPort[] {
  const needing = rolesOf(row, plan);
  const any = roles.includes('any');
  if (!any && !needing.some((role) => roles.includes(role))) return [];
  return [
    {
      protocol: row.protocol,
      port: portOf(row, plan),
      by: row.component,
      purpose: row.purpose,
      why: row.why,
      bind: row.bind,
      legacy: row.until !== null && !isBefore(kubernetesVersion, row.until),
      until: row.until,
      optional: false,
      kernel: false,
      // Most nodes are workers: what a worker does not need is needed only if the node becomes something else.
      onlyFor: any && !needing.includes('worker') ? (needing[0] ?? null) : null,
      preflight: preflightOf(row, kubernetesVersion),
    },
  ];
}

function preflightOf({ component, preflight }: ComponentPort, version: string): NeededPort['preflight'] {
  if (preflight === null) return null;
  if (preflight.since !== null && isBefore(version, preflight.since)) return null;
  if (preflight.until !== null && !isBefore(version, preflight.until)) return null;
  // The kubelet's port stays a wildcard.
  return component === 'kubelet' || isBefore(version, PREFLIGHT_KNOWS_ADDRESSES_SINCE) ? 'wildcard' : 'addresses';
}

/** Ports of one family are needed when a network of the cluster has it, or nobody told its networks. */
export function portsOf({ ports }: AddOn, { podCidr }: Settings): readonly AddOnPort[] {
  const has = (family: 4 | 6) => podCidr.length === 0 || podCidr.some((cidr) => cidr.includes(':') === (family === 6));
  return ports.filter(({ family }) => family === undefined || has(family));
}

function addOnNeed(addOn: AddOn, { protocol, port, purpose, bind, optional, kernel }: AddOnPort): NeededPort {
  return {
    protocol,
    port,
    by: addOn.title,
    purpose,
    why: `Without it ${addOn.title} cannot connect the pods of this node with the others.`,
    bind: [bind],
    legacy: false,
    until: null,
    optional,
    kernel,
    onlyFor: null,
    preflight: null,
  };
}
