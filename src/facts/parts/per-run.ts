import type { System } from '../../system/system.ts';

/** What several facts rest on is read once for all of them, so that they also agree with each other. A System is made for one run. */
export function perRun<T>(read: (system: System) => Promise<T>): (system: System) => Promise<T> {
  const seen = new WeakMap<System, Promise<T>>();
  return (system) => {
    const known = seen.get(system) ?? read(system);
    seen.set(system, known);
    return known;
  };
}
