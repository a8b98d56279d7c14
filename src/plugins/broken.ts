import type { Check } from '../engine/check.ts';
import { printable } from '../values/printable.ts';

const CATEGORY = 'plugins';

/** Stands for a plugin that could not be loaded: its result is unknown and says why, and the run goes on. */
export function brokenPlugin(spec: string, why: string, index: number): Check {
  const shown = printable(spec);
  return {
    id: `${CATEGORY}/${slug(spec) || 'plugin'}-${index + 1}`,
    title: `plugin ${shown} can be loaded`,
    docs: 'https://nodejs.org/api/esm.html',
    kubeadm: [],
    stages: ['fresh', 'joined'],
    // Its checks could have been what --only names.
    unconditional: true,
    reasons: { 'not-loaded': 'unknown' },
    needs: [],
    wants: [],
    judge: () => [
      {
        subject: shown,
        reason: 'not-loaded',
        message: `The plugin was not loaded: ${why}.`,
        why: 'What its checks would have judged is not known.',
      },
    ],
  };
}

/** What of a path or package name can stand in an id. */
function slug(spec: string): string {
  const name = spec.split('/').at(-1) ?? '';
  return name
    .replace(/\.(?:[cm]?[jt]s|ya?ml)$/, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
}
