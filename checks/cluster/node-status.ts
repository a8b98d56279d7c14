import type { Draft } from '../../src/engine/check.ts';
import { defineCheck } from '../../src/judging/define-check.ts';
import { ADDRESS_HERE_REASONS, addressHere } from '../../src/judging/cluster/node-address-here.ts';
import { BEFORE_JOINING_REASONS, beforeJoining } from '../../src/judging/cluster/node-before-joining.ts';
import { KUBELET_VERSION_REASONS, kubeletFits } from '../../src/judging/cluster/node-kubelet-version.ts';
import { PODS_HERE_REASONS, podsHere } from '../../src/judging/cluster/node-pods-here.ts';
import { READINESS_REASONS, readiness } from '../../src/judging/cluster/node-readiness.ts';
import {
  deleting,
  notRegistered,
  notShown,
  REGISTRATION_REASONS,
} from '../../src/judging/cluster/node-registration.ts';
import { ownNode } from '../../src/kubernetes/own-node.ts';

const REASONS = {
  ...READINESS_REASONS,
  ...REGISTRATION_REASONS,
  ...ADDRESS_HERE_REASONS,
  ...BEFORE_JOINING_REASONS,
  ...KUBELET_VERSION_REASONS,
  ...PODS_HERE_REASONS,
} as const;

export default defineCheck({
  id: 'cluster/node-status',
  title: 'what the API says of this node fits this machine',
  docs: 'https://kubernetes.io/docs/concepts/architecture/nodes/',
  kubeadm: [],
  stages: ['fresh', 'joined'],
  requires: ['kubeconfig'],
  reasons: REASONS,
  needs: ['clusterNodes', 'interfaces'],
  wants: ['clusterNetworks', 'machineId', 'kubelet', 'cniFiles'],
  judge(
    { clusterNodes, interfaces, clusterNetworks, machineId, kubelet, cniFiles },
    { node },
  ): Draft<typeof REASONS>[] {
    const nodes = clusterNodes ?? [];
    const addresses = interfaces.interfaces.flatMap((each) => each.addresses.map(({ address }) => address));
    const named = nodes.find(({ name }) => name === node.name) ?? null;
    if (node.stage === 'fresh') return [beforeJoining(named, node.name)];
    const own = ownNode(nodes, { name: node.name, addresses });
    if (own === null && interfaces.shown === false) return [notShown(node.name)];
    if (own === null) return [notRegistered(node.name)];
    const here = interfaces.shown === false ? null : addressHere(own, addresses, machineId);
    // Another machine is what the API tells of: that it is ready says nothing of this one.
    if (here?.reason === 'name-taken') return [here];
    return [
      readiness(own),
      ...(here === null ? [] : [here]),
      ...kubeletFits(own, kubelet, clusterNetworks),
      ...podsHere(own, interfaces, cniFiles),
      ...(own.deleting ? [deleting(own)] : []),
    ];
  },
});
