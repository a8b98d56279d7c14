import { isDeepStrictEqual } from 'node:util';
import type { SavedPlan } from '../evidence/schema.ts';
import type { Machine, Source } from '../evidence/source.ts';
import type { Origin, Plan } from '../plan/settings.ts';

/** The plan as it holds for one machine: what was said of it elsewhere fills in what nobody says now. */
export function planOf({ said }: Pick<Machine, 'said'>, plan: Plan): Plan {
  return fillIn(plan, Object.entries(said));
}

/** The plan as it holds between machines: filled in only with what was said alike of all of them. */
export function sharedPlan({ machines, said: ofAll = {} }: Pick<Source, 'machines' | 'said'>, plan: Plan): Plan {
  // What peers say is each one's own; what was said where the run is conducted, or was, holds between all of them.
  if (machines.some(({ peer }) => peer)) {
    return fillIn(plan, Object.entries(machines.find(({ self }) => self)?.said ?? ofAll));
  }
  const [first, ...others] = machines;
  const said = Object.entries(first?.said ?? {});
  return fillIn(
    plan,
    said.filter(([key, value]) => others.every((other) => isDeepStrictEqual(saidOf(other.said, key), value))),
  );
}

function saidOf(said: SavedPlan, key: string): unknown {
  return Object.entries(said).find(([name]) => name === key)?.[1];
}

/** What somebody says now stays. */
function fillIn(plan: Plan, said: readonly (readonly [string, unknown])[]): Plan {
  const silent = said.filter(([key, value]) => value !== undefined && originOf(key, plan) === 'default');
  const originsThere = new Map(said.flatMap(([key, value]) => (key === 'roleOrigin' ? [['role', value]] : [])));
  return {
    settings: { ...plan.settings, ...Object.fromEntries(silent) },
    origins: {
      ...plan.origins,
      ...Object.fromEntries(silent.map(([key]) => [key, originsThere.get(key) ?? ('saved facts' satisfies Origin)])),
    },
  };
}

function originOf(key: string, { origins }: Plan): Origin | undefined {
  return Object.entries(origins).find(([name]) => name === key)?.[1];
}
