import { parseQuantity } from '../values/quantity.ts';

export type DiskSignal = 'nodefs.available' | 'nodefs.inodesFree' | 'imagefs.available' | 'imagefs.inodesFree';

/** https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/#hard-eviction-thresholds */
const DEFAULTS: Readonly<Record<string, string>> = {
  'nodefs.available': '10%',
  'nodefs.inodesFree': '5%',
  'imagefs.available': '15%',
  'imagefs.inodesFree': '5%',
};

/** What of the kubelet's configuration sets its thresholds. */
interface EvictionSettings {
  readonly evictionHard: Readonly<Record<string, string>> | null;
  readonly mergeDefaultEvictionSettings: boolean | null;
  readonly flags: Readonly<Record<string, string>>;
}

/** The hard thresholds of a kubelet: once one is named, those that are not are off, unless it is told to merge. */
export function hardThresholds(settings: EvictionSettings | null): Readonly<Record<string, string>> {
  if (settings === null) return DEFAULTS;
  const flag = settings.flags['eviction-hard'];
  const named = flag === undefined ? settings.evictionHard : parseFlag(flag);
  if (named === null) return DEFAULTS;
  return settings.mergeDefaultEvictionSettings === true ? { ...DEFAULTS, ...named } : named;
}

/** `nodefs.available<10%,imagefs.available<15%` */
function parseFlag(flag: string): Record<string, string> {
  return Object.fromEntries(flag.split(',').map((pair) => [pair.split('<')[0] ?? '', pair.split('<')[1] ?? '']));
}

/** The amount below which pods are evicted; null when the threshold is off or not one. A percentage is of the whole. */
export function thresholdAmount(threshold: string | undefined, total: number): number | null {
  if (threshold === undefined) return null;
  const percent = /^(\d{1,3}(?:\.\d{1,6})?)%$/.exec(threshold)?.[1];
  return percent === undefined ? parseQuantity(threshold) : (Number(percent) / 100) * total;
}
