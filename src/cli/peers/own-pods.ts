import type { PodsHow } from '../../evidence/pods.ts';
import { createPodsHere, type PodsHere } from '../../peers/local/pods-here.ts';
import type { Plan } from '../../plan/settings.ts';
import type { System } from '../../system/system.ts';
import { startedAs } from '../internal.ts';

/** The pods of this machine that may take part in a run, by what the user said here. */
export function podsOf(system: System, { settings }: Plan, allowed: readonly PodsHow[]): PodsHere {
  const programs = { agent: startedAs('pod-agent'), recover: startedAs('pods-recover') };
  return createPodsHere({ system, own: settings, allowed, programs });
}
