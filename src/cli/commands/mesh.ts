import type { Settings } from '../../plan/settings.ts';
import { loadCatalogue, requireKnownNames, requireSelection } from '../run/catalogue.ts';
import type { RunCommand } from '../command-line/command.ts';
import { requireNodesOfCluster } from '../cluster/nodes-of-cluster.ts';
import { overControlPort } from '../peers/over-control-port.ts';
import { keyForPeers } from '../peers/peer-token.ts';
import { readPlan } from '../command-line/read-plan.ts';
import { reportRun } from '../run/report-run.ts';
import { toldByCluster } from '../cluster/told-by-cluster.ts';
import { UsageError } from '../usage-error.ts';

export const mesh: RunCommand = async (invocation) => {
  const plan = await readPlan(invocation);
  const catalogue = await loadCatalogue(plan);
  requireKnownNames(plan, catalogue.checks);
  requireSelection(plan, catalogue.checks);
  if (plan.settings.ssh) return (await import('../fleet/mesh-over-ssh.ts')).meshOverSsh(plan, catalogue);
  if (plan.settings.kubeconfig === null) requirePeers(plan.settings);
  const connect = overControlPort(await keyForPeers(plan), plan.settings);
  return reportRun({
    command: 'mesh',
    plan,
    catalogue,
    open: async ({ signal }) => {
      const told = await toldByCluster({ plan, catalogue, signal, peers: true, self: false });
      requireNodesOfCluster(told);
      requirePeers(told.plan.settings);
      const { peersSource } = await import('../peers/peers-source.ts');
      const input = { plan: told.plan, catalogue, connect, signal, self: false, sessions: null, own: null };
      const { source, close } = await peersSource(input);
      return { plan: told.plan, source: told.add(source), close };
    },
  });
};

/** Between fewer than two there is nothing to test. */
function requirePeers({ peers, inventory }: Settings): void {
  if (inventory !== null) throw new UsageError('--inventory says how nodes are reached over ssh: add --ssh.');
  const [only] = peers;
  if (peers.length > 1) return;
  const paste = 'seaworthy mesh --peer control-plane@10.0.0.11 --peer worker@10.0.0.21 --token-file seaworthy.token';
  if (only === undefined) {
    throw new UsageError(
      'mesh tests the machines that --peer names, and none was named. Each of them runs `seaworthy listen`; then, here:',
      `  ${paste}`,
      'Or over ssh, where nothing has to run there: seaworthy mesh --ssh --peer control-plane@10.0.0.11 --peer worker@10.0.0.21',
      'Or the nodes of a cluster: seaworthy mesh --kubeconfig FILE',
    );
  }
  throw new UsageError(
    `mesh tests peers against each other, and --peer ${only.text} is only one; this machine takes no part.`,
    `  ${paste}`,
    'To test this machine against one peer: seaworthy check --peer HOST',
  );
}
