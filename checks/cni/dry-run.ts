import type { Draft } from '../../src/engine/check.ts';
import { defineCheck } from '../../src/judging/define-check.ts';
import { dryRunFindings, notRun } from '../../src/judging/cni/dry-run.ts';
import { DRY_RUN_REASONS } from '../../src/judging/cni/dry-run-reasons.ts';
import { legsOf } from '../../src/judging/pods/pod-legs.ts';
import { podOf } from '../../src/judging/pods/pod-requests.ts';
import { podsThere } from '../../src/judging/pods/pods-there.ts';
import { reachedNodes, unreachablePeers } from '../../src/judging/reach/unreachable-peers.ts';

const REASONS = { ...DRY_RUN_REASONS, 'peer-unreachable': 'unknown' } as const;

export default defineCheck({
  id: 'cni/dry-run',
  title: 'a pod gets a network from the chain of plugins, and leaves nothing',
  docs: 'https://www.cni.dev/docs/spec/#cni-operations',
  kubeadm: [],
  stages: ['fresh', 'joined'],
  roles: ['control-plane', 'worker'],
  intrusive: { does: 'It runs the network plugins of the node', pods: ['throw-away'], byId: true },
  reasons: REASONS,
  needs: [],
  wants: [],
  within: true,
  probes(nodes) {
    return reachedNodes(nodes).flatMap(({ name }) => podOf(name, 'throw-away'));
  },
  compare(nodes, { probed }) {
    const ways = probed.filter((each) => each.kind === 'pod-way');
    const stageOf = (machine: string) => nodes.find(({ node }) => node.name === machine)?.node.stage ?? 'fresh';
    const found = podsThere(probed, 'throw-away').flatMap(({ machine, told, absent }) => {
      const own = ways.filter(({ request }) => request.from.machine === machine);
      const run = told === null ? [] : dryRunFindings(told, own.flatMap(legsOf), stageOf(machine));
      const drafts: Draft<typeof REASONS>[] = absent === null ? run : [notRun(absent)];
      return drafts.map((draft) => ({ ...draft, nodes: [machine] }));
    });
    return [...unreachablePeers(nodes, probed), ...found];
  },
});
