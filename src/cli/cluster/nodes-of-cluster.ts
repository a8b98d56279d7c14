import type { Plan } from '../../plan/settings.ts';
import type { ToldByCluster } from './told-by-cluster.ts';
import { UsageError } from '../usage-error.ts';

/** Where the nodes of a cluster are to be the peers of a mesh there are two of them. Throws a UsageError. */
export function requireNodesOfCluster({ plan: { settings, origins }, unread }: ToldByCluster): void {
  const { kubeconfig, inventory, peers } = settings;
  if (kubeconfig === null || inventory !== null || isNamed(origins) || peers.length > 1) return;
  const told =
    unread === null
      ? `the API that --kubeconfig ${kubeconfig} leads to tells of ${peers.length === 1 ? 'one node' : 'no nodes'} with an address`
      : `the nodes of the cluster could not be read (--kubeconfig ${kubeconfig}): ${unread.replace(/\.$/, '')}`;
  throw new UsageError(
    `mesh tests nodes against each other, and ${told}.`,
    'What --peer names, twice or more, is tested whatever the API tells.',
  );
}

function isNamed({ peers }: Plan['origins']): boolean {
  return peers !== 'default' && peers !== 'cluster';
}
