import { planOf } from '../../engine/machine-plan.ts';
import type { FactName, FactTable } from '../../evidence/facts.ts';
import { liveSource } from '../../evidence/live.ts';
import type { SavedPlan } from '../../evidence/schema.ts';
import type { Plan } from '../../plan/settings.ts';
import { machineSystem } from '../run/machine-system.ts';
import { TOOL } from '../tool.ts';

function isOfCluster(name: string, facts: FactTable): boolean {
  return Object.entries(facts).some(([each, { of }]) => each === name && of === 'cluster');
}

/** Reads facts of this machine for a run: by what was said here, and where nobody said anything by the plan of the run. Never rejects. */
export function factReader(plan: Plan, facts: FactTable, signal: AbortSignal) {
  // What the API of a cluster tells is read where the run is conducted: nobody has this machine look into its own.
  const isKnown = (name: string): name is FactName => Object.hasOwn(facts, name) && !isOfCluster(name, facts);
  return async (names: readonly string[], said: SavedPlan): Promise<Record<string, unknown>> => {
    const system = await machineSystem(plan.settings);
    const source = liveSource({ system, facts, plan: planOf({ said }, plan), tool: TOOL, signal });
    const readings = source.machines.flatMap((machine) =>
      [...new Set(names)].filter(isKnown).map(async (name) => [name, await source.read(machine, name)] as const),
    );
    return Object.fromEntries(await Promise.all(readings));
  };
}
