import type { Facts } from '../../src/evidence/facts.ts';
import type { Probed } from '../../src/evidence/probes.ts';
import type { SenderSaw } from '../../src/evidence/reach.ts';
import { clusterNode } from '../checks/cluster/nodes.ts';
import { sender } from './reach.ts';

export type ClusterPod = NonNullable<Facts['clusterPods']>['pods'][number];
type Policies = NonNullable<Facts['clusterPolicies']>;

/** A Ready pod of w1, w2, w3 that declares TCP 8080: 10.244.2.10 on w2, and the next ones. */
export function targetPod(node: number, index: number, changes: Partial<ClusterPod> = {}): ClusterPod {
  return {
    namespace: 'default',
    name: `web-${node}-${index}`,
    node: `w${node}`,
    addresses: [`10.244.${node}.${10 + index}`],
    ready: true,
    ports: [8080],
    labels: { app: 'web' },
    ...changes,
  };
}

const PODS = [targetPod(1, 0), targetPod(2, 0), targetPod(2, 1), targetPod(3, 0), targetPod(3, 1)];

export const NO_POLICIES: Policies = { policies: [], others: [], complete: true };

/** Three nodes, as the API tells of them, w1 at 10.0.0.1 and so on. */
export function inCluster({
  pods = PODS,
  policies = NO_POLICIES,
}: { pods?: readonly ClusterPod[]; policies?: Policies } = {}) {
  const nodes = [1, 2, 3].map((number) =>
    clusterNode({ name: `w${number}`, internalIps: [`10.0.0.${number}`], podCidrs: [`10.244.${number}.0/24`] }),
  );
  return {
    clusterNodes: { value: nodes },
    clusterPods: { value: { pods: [...pods], complete: true } },
    clusterPolicies: { value: policies },
  };
}

/** What the pod of w1 saw of port 8080 at each address. @param errno Of an error. */
export function knocked(
  outcomes: Readonly<Record<string, SenderSaw['outcome']>>,
  errno: string | null = null,
): Probed[] {
  return Object.entries(outcomes).map(([address, outcome]) => ({
    kind: 'endpoint',
    request: { kind: 'endpoint', from: 'w1', pod: 0, address, port: 8080, behind: [] },
    reading: {
      value: {
        sender: sender({ outcome, address: null, answeredBy: null, ...(outcome === 'error' ? { errno } : {}) }),
        arrivedAt: [],
      },
    },
  }));
}
