import type { Facts } from '../evidence/facts.ts';
import type { Reading } from '../evidence/reading.ts';
import type { Plan, Role, Settings, Stage } from '../plan/settings.ts';
import type { Machine } from '../evidence/source.ts';
import type { Node } from './node.ts';

/** The facts that tell who a machine is. */
export interface IdentityReadings {
  readonly hostname: Reading<Facts['hostname']>;
  readonly nodeTraces: Reading<Facts['nodeTraces']>;
}

/** Who a machine is: what the user said wins over what its disk tells. */
export function identify(facts: IdentityReadings, { settings }: Plan, self: boolean, fallbackName: string): Node {
  const traces = 'value' in facts.nodeTraces ? facts.nodeTraces.value : null;
  const hostname = 'value' in facts.hostname ? facts.hostname.value.hostname.toLowerCase() : '';
  const stage = settings.stage ?? (traces === null ? 'fresh' : stageFrom(traces));
  return {
    name: settings.nodeName ?? (hostname === '' ? fallbackName : hostname),
    self,
    roles: settings.role.length > 0 ? settings.role : rolesFrom(traces, stage),
    stage,
    kubernetesVersion: settings.kubernetesVersion,
    addresses: addressesFrom(settings),
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

function stageFrom({ files, manifests }: Facts['nodeTraces']): Stage {
  const joined =
    files['/etc/kubernetes/kubelet.conf'] === true ||
    files['/etc/kubernetes/admin.conf'] === true ||
    manifests.length > 0;
  return joined ? 'joined' : 'fresh';
}

function rolesFrom(traces: Facts['nodeTraces'] | null, stage: Stage): (Role | 'any')[] {
  if (traces === null || stage === 'fresh') return ['any'];
  if (traces.manifests.includes('kube-apiserver.yaml')) return ['control-plane'];
  return traces.manifests.includes('etcd.yaml') ? ['etcd'] : ['worker'];
}

function addressesFrom({ nodeIp, advertiseAddress }: Settings): string[] {
  if (nodeIp.length > 0) return [...nodeIp];
  return advertiseAddress === null ? [] : [advertiseAddress];
}
