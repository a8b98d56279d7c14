import type { FactName, FactTable } from '../../evidence/facts.ts';
import { liveSource } from '../../evidence/live.ts';
import type { Source } from '../../evidence/source.ts';
import type { Plan } from '../../plan/settings.ts';
import { machineSystem } from './machine-system.ts';
import { TOOL } from '../tool.ts';

/** This machine, or the directory that stands for one. */
export async function machineSource(plan: Plan, facts: FactTable, signal: AbortSignal): Promise<Source> {
  const system = await machineSystem(plan.settings);
  return liveSource({ system, facts, plan, tool: TOOL, signal });
}

/** Every fact of every machine, whatever the checks need. */
export async function readAll(source: Source, facts: FactTable): Promise<void> {
  await Promise.all(source.machines.flatMap((machine) => namesOf(facts).map((name) => source.read(machine, name))));
}

function namesOf(facts: FactTable): FactName[] {
  return Object.keys(facts).filter((name): name is FactName => name in facts);
}
