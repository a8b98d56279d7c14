import type { FactTable } from './facts.ts';
import type { Source } from './source.ts';

/**
 * A source whose facts of the cluster come from where the run is conducted, once for all machines; null where no cluster is asked.
 * @param cluster A source that reads them, of one machine.
 */
export function withClusterFacts(source: Source, cluster: Source | null, facts: FactTable): Source {
  const [conductor] = cluster?.machines ?? [];
  return {
    ...source,
    read: (machine, fact) => {
      if (facts[fact].of !== 'cluster') return source.read(machine, fact);
      if (cluster === null || conductor === undefined)
        return Promise.resolve({ unread: 'missing', detail: 'no --kubeconfig was given' });
      return cluster.read(conductor, fact);
    },
    evidence: () => ({
      ...source.evidence(),
      ...(cluster === null ? {} : { cluster: cluster.evidence().nodes[0]?.facts ?? {} }),
    }),
  };
}
