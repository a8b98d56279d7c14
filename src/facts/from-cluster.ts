import type { ClusterClient } from '../cluster/client.ts';
import type { System } from '../system/system.ts';
import type { FactContext } from './define-fact.ts';

/** Pages of a large cluster come one after the other: such a fact may take as many attempts, and no run lasts longer. */
export const CLUSTER_ATTEMPTS = 6;

interface Open {
  readonly client: Promise<ClusterClient>;
  users: number;
}

/** Facts that are read side by side share a connection, and a credential program is asked once for all of them. */
const opened = new WeakMap<System, Open>();

/** What the API of the cluster tells that the plan names; null where it names none. */
export async function fromCluster<T>(
  system: System,
  { plan: { kubeconfig, timeout }, signal }: FactContext,
  ask: (client: ClusterClient, signal: AbortSignal) => Promise<T>,
): Promise<T | null> {
  if (kubeconfig === null) return null;
  const open = opened.get(system) ?? { client: connect(system, kubeconfig, timeout), users: 0 };
  opened.set(system, open);
  open.users++;
  try {
    return await ask(await open.client, signal);
  } finally {
    open.users--;
    if (open.users === 0) {
      opened.delete(system);
      open.client.then(
        (client) => client.close(),
        () => undefined,
      );
    }
  }
}

/** Most runs name no cluster, and do not load its client. */
async function connect(system: System, kubeconfig: string, timeoutMs: number): Promise<ClusterClient> {
  const [{ clusterClient }, { accessOf }] = await Promise.all([
    import('../cluster/client.ts'),
    import('../cluster/connect.ts'),
  ]);
  return clusterClient({ system, access: await accessOf(system, kubeconfig), timeoutMs });
}
