import type { Rendering } from '../formats/define-format.ts';
import type { Report } from '../schema.ts';
import type { Layout } from './layout.ts';
import { matrix } from './matrix.ts';
import { counted } from './names.ts';
import { pairFindings } from './pairs.ts';

/** How much was tried between the nodes, and the matrix of nodes and that of their pods; nothing where no packets were sent. */
export function between(report: Report, rendering: Rendering, layout: Layout): string[] {
  const { nodes, coverage, run } = report;
  if (coverage.pairs === 0) return [];
  const tested = pairFindings(report).filter(({ finding }) => finding.status !== 'skip');
  const wrong = tested.some(({ finding }) => finding.status !== 'pass');
  const amount = [
    `${nodes.length} nodes`,
    `${counted(coverage.pairsTested)} directed ${coverage.pairsTested === 1 ? 'pair' : 'pairs'}`,
    `${counted(tested.length)} ${tested.length === 1 ? 'probe' : 'probes'}`,
    `${(run.durationMs / 1_000).toFixed(1)} s`,
  ].join(', ');
  const summary = wrong || tested.length === 0 ? amount : `${amount}: nothing wrong between them`;
  const shown = (['nodes', 'pods'] as const).map((layer) => matrix(report, rendering, layout, layer));
  return [
    ...layout.paragraph([summary], { hanging: 4 }),
    ...shown.flatMap((lines) => (lines.length === 0 ? [] : ['', ...lines])),
  ];
}
