/** Versions of the CNI specification that this protocol client speaks: https://www.cni.dev/docs/spec/ */
export const KNOWN_VERSIONS = ['0.1.0', '0.2.0', '0.3.0', '0.3.1', '0.4.0', '1.0.0', '1.1.0'] as const;

export const CURRENT_VERSION = '1.1.0';

/** What a configuration means that names no version. */
const UNNAMED_VERSION = '0.1.0';

/** The numbers of a version of the specification; null when it is none. */
export function versionNumbers(text: string): readonly [number, number, number] | null {
  const match = /^(\d{1,6})(?:\.(\d{1,6}))?(?:\.(\d{1,6}))?$/.exec(text);
  return match === null ? null : [Number(match[1]), Number(match[2] ?? 0), Number(match[3] ?? 0)];
}

function compare(a: string, b: string): number {
  const [left, right] = [versionNumbers(a) ?? [0, 0, 0], versionNumbers(b) ?? [0, 0, 0]];
  return left[0] - right[0] || left[1] - right[1] || left[2] - right[2];
}

/** Whether a version is this one or newer. */
export function isAtLeast(version: string, wanted: string): boolean {
  return compare(version, wanted) >= 0;
}

/**
 * The version that a chain is run with. `cniVersion` alone is taken as it stands; with `cniVersions` it is the highest of both
 * that is not newer than ours.
 */
export function chosenVersion(cniVersion: string, cniVersions: readonly string[] | null): string {
  const listed = cniVersions ?? [];
  const candidates = [...listed, cniVersion]
    .filter((version) => version !== '' && compare(version, CURRENT_VERSION) <= 0)
    .sort(compare);
  const chosen = cniVersions === null ? cniVersion : (candidates.at(-1) ?? cniVersion);
  return chosen === '' ? UNNAMED_VERSION : chosen;
}
