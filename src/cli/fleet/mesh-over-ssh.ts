import { createFleet, type FleetOptions } from '../../fleet/fleet.ts';
import type { Plan } from '../../plan/settings.ts';
import type { Catalogue } from '../run/catalogue.ts';
import { copiedExecutable } from './copied-executable.ts';
import { fleetOf } from './fleet-nodes.ts';
import { closingTime } from '../peers/listening-peer.ts';
import { requireNodesOfCluster } from '../cluster/nodes-of-cluster.ts';
import { peersSource } from '../peers/peers-source.ts';
import type { Connect } from '../peers/meet.ts';
import { reportRun, type OpenedSource } from '../run/report-run.ts';
import { toldByCluster } from '../cluster/told-by-cluster.ts';
import { TOOL } from '../tool.ts';

/** Every peer is started over ssh, and is gone when the run is over. */
export function meshOverSsh(plan: Plan, catalogue: Catalogue): Promise<number> {
  return reportRun({
    command: 'mesh',
    plan,
    catalogue,
    open: ({ signal, uncounted }) => uncounted(() => open(plan, catalogue, signal)),
  });
}

async function open(given: Plan, catalogue: Catalogue, signal: AbortSignal): Promise<OpenedSource> {
  const told = await toldByCluster({ plan: given, catalogue, signal, peers: true, self: false });
  requireNodesOfCluster(told);
  const { plan, nodes } = await fleetOf(told.plan);
  const fleet = createFleet({ ...(await optionsOf(plan)), nodes, signal });
  const connect: Connect = async ({ host }, key) => ({ ...(await fleet.connect(host)), key });
  try {
    const peers = await peersSource({ plan, catalogue, connect, signal, self: false, sessions: null, own: null });
    return {
      plan,
      source: told.add(peers.source),
      close: async () => {
        await peers.close();
        await fleet.close();
      },
    };
  } catch (error) {
    await fleet.close();
    throw error;
  }
}

async function optionsOf(plan: Plan): Promise<Omit<FleetOptions, 'nodes' | 'signal'>> {
  const { timeout, pods } = plan.settings;
  return {
    version: `${TOOL.name} ${TOOL.version}`,
    listen: ['listen', '--stdio', ...(pods === null ? [] : ['--pods', pods])],
    executable: await copiedExecutable(),
    timeout,
    closingMs: closingTime(plan),
  };
}
