const UNITS = [
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const;

/** `12 s ago`; of milliseconds, in the largest unit that fits twice. */
export function ago(ms: number): string {
  const [name, size] = UNITS.find(([, each]) => ms >= 2 * each) ?? ['s', 1_000];
  return `${Math.floor(ms / size)} ${name === 'm' ? 'min' : name} ago`;
}
