import type { Facts } from '../../../src/evidence/facts.ts';

type Node = NonNullable<Facts['clusterNodes']>[number];

/** A healthy worker, as the API tells of it, with what the case is about put over it. */
export function clusterNode(over: Partial<Node> = {}): Node {
  return {
    name: 'w1',
    roles: [],
    internalIps: ['10.0.0.12'],
    podCidrs: ['10.244.1.0/24'],
    ready: 'True',
    readyWhy: null,
    kubeletVersion: 'v1.36.2',
    machineId: 'a'.repeat(32),
    deleting: false,
    ...over,
  };
}
