import type { Report } from './schema.ts';

/** From where packets of pods were seen. */
export interface PodSides {
  /** Both of their ends took part. */
  readonly both: boolean;
  /** Nodes of a cluster that took no part, and whose pods were tried from one side alone: that proves less. */
  readonly oneSided: number;
}

/** What was decided of packets of pods. Those with two ends that took part say what each saw. */
export function podSides({ checks }: Pick<Report, 'checks'>): PodSides {
  const decided = checks
    .filter(({ category }) => category === 'pods')
    .flatMap(({ findings }) => findings)
    .filter(({ status }) => status === 'pass' || status === 'warn' || status === 'fail');
  const nodes = decided.flatMap(({ subject }) => /^pod \u2192 pods of (.+)$/s.exec(subject)?.[1] ?? []);
  return { both: decided.some(({ probe }) => probe !== undefined), oneSided: new Set(nodes).size };
}
