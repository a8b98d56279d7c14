import pLimit from 'p-limit';
import type { Fact } from '../facts/define-fact.ts';
import type { Plan } from '../plan/settings.ts';
import { SystemError, type System } from '../system/system.ts';
import { formatDuration } from '../values/duration.ts';
import type { FactName, Facts, FactTable } from './facts.ts';
import type { Reading } from './reading.ts';
import { EVIDENCE_SCHEMA, type Evidence } from './schema.ts';
import { savedPlan } from './saved-plan.ts';
import type { Machine, Source } from './source.ts';

const SELF: Machine = { key: 'self', self: true, peer: false, judged: true, said: {} };

export interface LiveOptions {
  readonly system: System;
  readonly facts: FactTable;
  readonly plan: Plan;
  readonly tool: Evidence['tool'];
  /** Ends all reading: the run was interrupted or its budget is spent. */
  readonly signal: AbortSignal;
}

/** This machine, read now. Each fact is read once, side by side with the others, and has its own time limit. */
export function liveSource({ system, facts, plan, tool, signal }: LiveOptions): Source {
  const takenAt = new Date(system.now()).toISOString();
  const limit = pLimit(plan.settings.concurrency);
  const pending: { [K in FactName]?: Promise<Reading<Facts[K]>> } = {};
  const readings: Record<string, Reading<unknown>> = {};

  const readOnce = async <K extends FactName>(name: K): Promise<Reading<Facts[K]>> => {
    const result = await limit(() => readFact(facts[name], system, plan, signal));
    // Of a cluster that nobody asked there is nothing to keep.
    if (facts[name].of !== 'cluster' || plan.settings.kubeconfig !== null) readings[name] = result;
    return result;
  };

  return {
    machines: [SELF],
    read: <K extends FactName>(_machine: Machine, name: K): Promise<Reading<Facts[K]>> => {
      const known = pending[name] ?? readOnce(name);
      Object.assign(pending, { [name]: known });
      return known;
    },
    probe: async () => null,
    evidence: () => ({
      schema: EVIDENCE_SCHEMA,
      tool,
      takenAt,
      nodes: [{ self: true, plan: savedPlan(plan), facts: sorted(readings) }],
    }),
  };
}

async function readFact<T>(fact: Fact<T>, system: System, plan: Plan, ended: AbortSignal): Promise<Reading<T>> {
  const timeout = plan.settings.timeout * (fact.attempts ?? 1);
  const runEnded = 'the run ended before it was read';
  if (ended.aborted) return { unread: 'timeout', detail: runEnded };
  // By hand: AbortSignal.any and AbortSignal.timeout cost fifty facts together 10 ms of a run.
  const controller = new AbortController();
  const { promise: late, resolve } = Promise.withResolvers<Reading<T>>();
  const stop = (detail: string) => {
    resolve({ unread: 'timeout', detail });
    controller.abort();
  };
  const onEnded = () => stop(runEnded);
  ended.addEventListener('abort', onEnded, { once: true });
  const timer = setTimeout(() => stop(`not read within ${formatDuration(timeout)}`), timeout);
  try {
    // A read that hangs in the kernel cannot be called back: it is left behind.
    return await Promise.race([attempt(fact, system, plan, controller.signal), late]);
  } finally {
    clearTimeout(timer);
    ended.removeEventListener('abort', onEnded);
  }
}

async function attempt<T>(fact: Fact<T>, system: System, plan: Plan, signal: AbortSignal): Promise<Reading<T>> {
  try {
    return { value: await fact.read(system, { plan: plan.settings, signal }) };
  } catch (error) {
    if (error instanceof SystemError) return { unread: error.why, detail: error.message };
    return { unread: 'error', detail: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
  }
}

function sorted(readings: Readonly<Record<string, Reading<unknown>>>): Record<string, Reading<unknown>> {
  return Object.fromEntries(Object.entries(readings).sort(([a], [b]) => (a < b ? -1 : 1)));
}
