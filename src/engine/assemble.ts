import type { Facts } from '../evidence/facts.ts';
import type { Reading } from '../evidence/reading.ts';
import { neededPairs } from '../kubernetes/reach.ts';
import type { Plan } from '../plan/settings.ts';
import type { CheckReport, Report } from '../report/schema.ts';
import type { Participant } from './participant.ts';
import { countsOf, verdictOf } from '../values/status.ts';

interface Parts {
  readonly tool: Report['tool'];
  readonly run: Report['run'];
  /** What holds for all nodes of the run. */
  readonly plan: Plan;
  readonly participants: readonly Participant[];
  /** In the order of the participants; null where nobody asked. */
  readonly inventories: readonly (Reading<Facts['inventory']> | null)[];
  readonly checks: readonly CheckReport[];
  /** Directed pairs of nodes between which packets were sent. */
  readonly pairsTested: number;
  readonly pods: Report['coverage']['pods'];
}

export function assemble({ tool, run, plan, participants, inventories, checks, pairsTested, pods }: Parts): Report {
  const statuses = checks.map(({ status }) => status);
  const nodes = participants.map(({ node }) => node);
  return {
    schema: 'seaworthy.report/v1',
    tool,
    run,
    nodes: participants.map(({ node }, index) => {
      const inventory = inventories[index] ?? null;
      const seen = inventory !== null && 'value' in inventory ? { inventory: inventory.value } : {};
      return { ...node, roles: [...node.roles], addresses: [...node.addresses], ...seen };
    }),
    plan: shownPlan(plan),
    verdict: verdictOf(statuses),
    coverage: { nodes: nodes.length, pairs: neededPairs(nodes, plan.settings).length, pairsTested, pods },
    summary: countsOf(statuses),
    checks: [...checks],
  };
}

/** Each value with its origin, without secrets. */
function shownPlan({ settings, origins }: Plan): Report['plan'] {
  const shown = { ...settings, join: settings.join === null ? null : { ...settings.join, token: null } };
  return Object.fromEntries(
    Object.entries(origins).map(([key, origin]) => [
      key,
      { value: Object.entries(shown).find(([name]) => name === key)?.[1], origin },
    ]),
  );
}
