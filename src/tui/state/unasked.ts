import type { CheckReport } from '../../report/schema.ts';

/** It was left out because nobody asked for it, and not because of `--skip`. */
export function isUnasked({ findings }: CheckReport): boolean {
  return findings.some(({ reason, subject }) => reason === 'not-asked' && !subject.startsWith('--skip'));
}
