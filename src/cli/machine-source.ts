import type { FactName, FactTable } from '../evidence/facts.ts';
import { liveSource } from '../evidence/live.ts';
import type { Source } from '../evidence/source.ts';
import type { Plan } from '../plan/settings.ts';
import { liveSystem } from '../system/live.ts';
import { rootedSystem } from '../system/rooted.ts';
import { TOOL } from './tool.ts';

/** This machine, or the directory that stands for one. */
export function machineSource(plan: Plan, facts: FactTable, signal: AbortSignal): Source {
  const { root } = plan.settings;
  const system = root === null ? liveSystem() : rootedSystem(root);
  return liveSource({ system, facts, plan, tool: TOOL, signal });
}

/** Every fact of every machine, whatever the checks need. */
export async function readAll(source: Source, facts: FactTable): Promise<void> {
  await Promise.all(source.machines.flatMap((machine) => namesOf(facts).map((name) => source.read(machine, name))));
}

function namesOf(facts: FactTable): FactName[] {
  return Object.keys(facts).filter((name): name is FactName => name in facts);
}
