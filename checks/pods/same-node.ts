import { defineCheck } from '../../src/judging/define-check.ts';
import { POD_NETWORK_REASONS, podNetworkFindings } from '../../src/judging/pods/pod-network.ts';
import { podsOf } from '../../src/judging/pods/pod-requests.ts';
import { reachedNodes } from '../../src/judging/reach/unreachable-peers.ts';

export default defineCheck({
  id: 'pods/same-node',
  title: 'pods of a node reach each other and the node',
  docs: 'https://kubernetes.io/docs/concepts/services-networking/',
  kubeadm: [],
  stages: ['fresh', 'joined'],
  roles: ['control-plane', 'worker'],
  intrusive: { does: 'It sends packets from and to pods', pods: ['throw-away', 'existing'], byId: false },
  reasons: POD_NETWORK_REASONS,
  needs: [],
  wants: ['sysctls', 'sysctlFiles', 'firewall'],
  within: true,
  probes(nodes, { plan }) {
    return reachedNodes(nodes).flatMap(({ name }) => podsOf(name, plan.pods ?? 'throw-away'));
  },
  compare: podNetworkFindings,
});
