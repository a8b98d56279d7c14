import type { Facts } from '../evidence/facts.ts';
import type { Machine } from '../evidence/source.ts';
import { hasJoined } from '../kubernetes/joined.ts';
import { nodeAddresses } from '../kubernetes/node-address.ts';
import { ROLE_FILES } from '../kubernetes/role-files.ts';
import type { Plan, Role, Settings, Stage } from '../plan/settings.ts';
import { minorOf, parseVersion } from '../values/version.ts';
import type { Node } from './node.ts';

type IdentityFact = 'hostname' | 'nodeTraces' | 'interfaces' | 'routes' | 'staticPods' | 'kubelet';

/** The facts that tell who a machine is; null is what was not read. */
export type IdentityFacts = { readonly [K in IdentityFact]: Facts[K] | null };

/** Who a machine is: what the user said wins over what the machine tells. */
export function identify(
  facts: IdentityFacts,
  plan: Plan,
  { self, reachedBy }: Pick<Machine, 'self' | 'reachedBy'>,
  fallbackName: string,
): Node {
  const { settings } = plan;
  const hostname = facts.hostname?.hostname.toLowerCase() ?? '';
  const stage = settings.stage ?? (facts.nodeTraces === null ? 'fresh' : stageFrom(facts.nodeTraces));
  return {
    name: settings.nodeName ?? (hostname === '' ? fallbackName : hostname),
    self,
    roles: rolesOf(facts.nodeTraces, plan, stage),
    stage,
    ...versionFrom(facts, plan, stage),
    addresses: addressesFrom(facts, settings, reachedBy ?? []),
  };
}

/** Clones have one host name: their nodes are told apart by where each was read, so that a finding says which one it is about. */
export function tellApart<T extends { readonly machine: Machine; readonly node: Node }>(met: readonly T[]): T[] {
  const count = (name: string) => met.filter(({ node }) => node.name === name).length;
  return met.map((each) =>
    count(each.node.name) === 1
      ? each
      : { ...each, node: { ...each.node, name: `${each.node.name} (${each.machine.key})` } },
  );
}

function stageFrom(traces: Facts['nodeTraces']): Stage {
  return hasJoined(traces) ? 'joined' : 'fresh';
}

/** The cluster's own configuration tells of a control plane that is to be; a node that has joined shows what it became. */
function rolesOf(
  traces: Facts['nodeTraces'] | null,
  { settings, origins }: Plan,
  stage: Stage,
): readonly (Role | 'any')[] {
  const became = stage === 'joined' && traces !== null && stageFrom(traces) === 'joined';
  const yields = origins.role === 'kubeadm configuration' && became;
  return settings.role.length > 0 && !yields ? settings.role : rolesFrom(traces, stage);
}

function rolesFrom(traces: Facts['nodeTraces'] | null, stage: Stage): (Role | 'any')[] {
  if (traces === null || stage === 'fresh') return ['any'];
  // kubeadm writes admin.conf on control planes alone.
  const administers = traces.files['/etc/kubernetes/admin.conf'] === true;
  if (administers || traces.manifests.includes('kube-apiserver.yaml')) return ['control-plane'];
  if (traces.manifestsHidden === true) return [roleByFiles(traces.files)];
  return traces.manifests.includes('etcd.yaml') ? ['etcd'] : ['worker'];
}

/** A worker is what has none of these files; where one of them could not be looked for, it may be either. */
function roleByFiles(files: Facts['nodeTraces']['files']): Role | 'any' {
  const told = ROLE_FILES.find(([path]) => files[path] === true);
  if (told !== undefined) return told[1];
  return ROLE_FILES.every(([path]) => files[path] === false) ? 'worker' : 'any';
}

/** A node that has joined runs what its API server runs, else its kubelet; a fresh one will run what its kubeadm sets up. */
function versionFrom(
  { staticPods, kubelet: programs }: IdentityFacts,
  { settings, origins }: Plan,
  stage: Stage,
): Pick<Node, 'kubernetesVersion' | 'versionFrom'> {
  const { kubernetesVersion } = settings;
  if (origins.kubernetesVersion === 'cluster') return { kubernetesVersion, versionFrom: 'kube-apiserver' };
  if (origins.kubernetesVersion !== 'default') return { kubernetesVersion, versionFrom: 'said' };
  const server = staticPods?.components.find(({ name }) => name === 'kube-apiserver');
  const told = [
    stage === 'joined'
      ? (['kube-apiserver', server?.version] as const)
      : (['kubeadm', programs?.kubeadm?.version] as const),
    ['kubelet', programs?.kubelet?.version] as const,
  ];
  for (const [origin, text] of told) {
    const version = parseVersion(text ?? '');
    if (version !== null) return { kubernetesVersion: minorOf(version), versionFrom: origin };
  }
  return { kubernetesVersion, versionFrom: 'default' };
}

/** What was said of the node; else by what the others reach it, and of a family in which they do not, what kubeadm would choose. */
function addressesFrom(
  { interfaces, routes }: IdentityFacts,
  { nodeIp, advertiseAddress }: Settings,
  reachedBy: readonly string[],
): string[] {
  if (nodeIp.length > 0) return [...nodeIp];
  if (advertiseAddress !== null) return [advertiseAddress];
  if (interfaces === null || routes === null) return [...reachedBy];
  const chosen = nodeAddresses(interfaces, routes).map(({ address }) => address);
  return [...reachedBy, ...chosen.filter((address) => !reachedBy.some((each) => isIpv6(each) === isIpv6(address)))];
}

function isIpv6(address: string): boolean {
  return address.includes(':');
}
