import type { PodsHow, PodsResult } from '../evidence/pods.ts';
import type { OpenedPods } from './opened-pods.ts';

export type Why = NonNullable<PodsResult['none']>['why'];

/** Nothing was made, and nothing is to be undone. */
export function noPods(how: PodsHow, why: Why, detail: string): OpenedPods {
  const result: PodsResult = {
    how,
    none: { why, detail },
    network: null,
    pods: [],
    left: [],
    putBack: [],
    unclear: [],
  };
  return { result, pods: [], close: () => Promise.resolve(result) };
}
