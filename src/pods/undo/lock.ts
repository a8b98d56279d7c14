import { machineLock, type MachineLock } from '../../system/machine-lock.ts';
import type { System } from '../../system/system.ts';

/** Who makes pods, or undoes them, has the network of the machine for itself: two would take each other's work for leftovers. */
export function podsLock(system: System, patienceMs: number, signal: AbortSignal): Promise<MachineLock | null> {
  return machineLock(system, 'seaworthy-pods', patienceMs, signal);
}
