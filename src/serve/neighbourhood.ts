import { metric } from './metric.ts';

/** The part of this node in checking a cluster: whom it checks, and who checks it. */
export interface Neighbourhood {
  /** Nodes of the cluster, this one included; null where they were never read. */
  readonly nodes: number | null;
  /** Those that this one checks. */
  readonly neighbours: number;
  /** Milliseconds since the nodes were read, or where they never were since the start. */
  readonly age: number;
  /** Why they could not be read the last time, as a sentence. */
  readonly unread: string | null;
  /** Nodes that checked this one, each with the milliseconds since it last did. */
  readonly checkedBy: readonly { readonly node: string; readonly age: number }[];
}

/** @param fresh Milliseconds after which a node that checked this one counts as one that does no more. */
export function metricsOfNeighbourhood(
  { nodes, neighbours, age, checkedBy }: Neighbourhood,
  fresh: number,
): readonly string[] {
  const by = checkedBy.map(({ node, age: since }) => ({ labels: { source: node }, value: seconds(since) }));
  const recent = checkedBy.filter((each) => each.age <= fresh).length;
  return [
    ...(nodes === null ? [] : metric('cluster_nodes', 'gauge', 'Nodes of the cluster, as its API last told.', nodes)),
    ...metric('cluster_read_age_seconds', 'gauge', 'Time since the API told the nodes.', seconds(age)),
    ...metric('neighbours', 'gauge', 'Nodes that this one checks: the next ones on a ring.', neighbours),
    ...metric(
      'checked_by_nodes',
      'gauge',
      `Nodes that checked this one in the last ${fresh / 1_000} s: 0 is a node that nobody looks at.`,
      recent,
    ),
    ...(by.length === 0 ? [] : metric('checked_by_age_seconds', 'gauge', 'Time since a node checked this one.', by)),
  ];
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(3);
}
