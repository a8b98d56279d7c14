import { worst, type Status } from '../../values/status.ts';
import type { Finding, Report } from '../schema.ts';

/** Two nodes, and the way that packets take between them. */
export interface Pair {
  readonly from: string;
  readonly to: string;
}

/** What checks say of the way between two nodes where no single port is meant, the sender first. */
const OF_THE_WAY: ReadonlySet<string> = new Set([
  'peer-unreachable',
  'undecided',
  'no-answer',
  'not-open',
  'carried',
  'too-small',
  'black-hole',
]);

/** The pair that a finding is about; null for one that is about nodes and no packets between them. */
export function pairOf({ probe, nodes, reason }: Finding): Pair | null {
  const [from, to, ...more] = probe === undefined ? nodes : [probe.from.node, probe.to.node];
  if (from === undefined || to === undefined || from === to || more.length > 0) return null;
  return probe !== undefined || OF_THE_WAY.has(reason) ? { from, to } : null;
}

/** Between whom: what gets through between nodes need not between their pods. */
export type PairLayer = 'nodes' | 'pods';

function layerOf({ check }: Finding): PairLayer {
  return check.startsWith('pods/') ? 'pods' : 'nodes';
}

/** Of a report, or of what is known before there is one. */
interface Findings {
  readonly checks: readonly { readonly findings: readonly Finding[] }[];
}

/** Every finding about a pair, with the pair. */
export function pairFindings({ checks }: Findings): { readonly finding: Finding; readonly pair: Pair }[] {
  return checks.flatMap(({ findings }) =>
    findings.flatMap((finding) => {
      const pair = pairOf(finding);
      return pair === null ? [] : [{ finding, pair }];
    }),
  );
}

/** Worst status by sender and receiver; null is not tested, which what was skipped is too. */
export function pairStatuses(
  report: Findings & { readonly nodes: readonly Pick<Report['nodes'][number], 'name' | 'self'>[] },
  layer: PairLayer | 'all',
): (from: string, to: string) => Status | null {
  const tested = pairFindings(report).filter(
    ({ finding }) => finding.status !== 'skip' && (layer === 'all' || layerOf(finding) === layer),
  );
  const byPair = Map.groupBy(tested, ({ pair }) => keyOf(pair));
  const statuses = new Map(
    [...byPair].map(([pair, same]) => [pair, worst(same.map(({ finding }) => finding.status))] as const),
  );
  const self = report.nodes.find((node) => node.self)?.name;
  const unreachable = tested.flatMap(({ finding, pair }) => (finding.reason === 'peer-unreachable' ? pair.to : []));
  const unknown = new Set(layer === 'nodes' ? unreachable : [...unreachable, ...withoutPods(report)]);
  return (from, to) => {
    const known = statuses.get(keyOf({ from, to }));
    if (known !== undefined) return known;
    // One finding says that a machine could not be had, for all that was to be asked of it.
    const wanted = self === undefined || from === self || to === self;
    return wanted && (unknown.has(from) || unknown.has(to)) ? 'unknown' : null;
  };
}

/** Nodes of whose pods nothing could be learned. */
function withoutPods({ checks }: Findings): string[] {
  const findings = checks.flatMap((check) => check.findings).filter(({ check }) => check === 'pods/cross-node');
  return findings.flatMap(({ status, nodes }) => (status === 'unknown' && nodes.length === 1 ? nodes : []));
}

function keyOf({ from, to }: Pair): string {
  return JSON.stringify([from, to]);
}

/** Peers tested by themselves, from a machine that takes no part. */
export function isMesh({ nodes, coverage }: Report): boolean {
  return coverage.pairs > 0 && !nodes.some(({ self }) => self);
}
