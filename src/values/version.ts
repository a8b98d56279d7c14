/** A dotted version; what follows the numbers (`-rc.1`, `+k3s1`, `-amd64`) is kept as text and does not order. */
export interface Version {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
  readonly suffix: string;
}

/** Parses `1.36`, `v1.36.2`, `5.14.0-503.el9.x86_64`; null when the text does not begin with two numbers. */
export function parseVersion(text: string): Version | null {
  const match = /^v?(\d{1,6})\.(\d{1,6})(?:\.(\d{1,6}))?(\S*)$/.exec(text.trim());
  if (match === null) return null;
  return { major: Number(match[1]), minor: Number(match[2]), patch: Number(match[3] ?? 0), suffix: match[4] ?? '' };
}

/** Negative when `a` is older; suffixes are not compared. */
export function compareVersions(a: Version, b: Version): number {
  return a.major - b.major || a.minor - b.minor || a.patch - b.patch;
}

export function atLeast(version: Version, major: number, minor: number, patch = 0): boolean {
  return compareVersions(version, { major, minor, patch, suffix: '' }) >= 0;
}

/** `1.36`: what ports, checks and skew rules go by. */
export function minorOf({ major, minor }: Version): string {
  return `${major}.${minor}`;
}
