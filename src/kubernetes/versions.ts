import { atLeast, parseVersion } from '../values/version.ts';

/** The minor version that is assumed when neither the user nor the machine tells. */
export const DEFAULT_KUBERNETES_VERSION = '1.36';

/** Whether a minor version such as `1.36` is `first` or a later one. */
export function isFrom(version: string, first: string): boolean {
  const [a, b] = [parseVersion(version), parseVersion(first)];
  return a !== null && b !== null && atLeast(a, b.major, b.minor);
}
