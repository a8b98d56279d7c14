import type { Check } from '../../src/engine/check.ts';
import type { RunEvent } from '../../src/engine/events.ts';
import { run } from '../../src/engine/run.ts';
import type { Reading } from '../../src/evidence/reading.ts';
import type { SavedPlan } from '../../src/evidence/schema.ts';
import type { Machine, Source } from '../../src/evidence/source.ts';
import { DEFAULTS } from '../../src/plan/defaults.ts';
import type { Plan, Settings } from '../../src/plan/settings.ts';
import type { Report } from '../../src/report/schema.ts';

export const TOOL = { name: 'seaworthy', version: '0.0.0-test' };

/** A plan in which exactly the given settings were said, as flags. */
export function planWith(said: Partial<Settings> = {}): Plan {
  const origins = Object.fromEntries(Object.keys(DEFAULTS).map((key) => [key, key in said ? 'flag' : 'default']));
  return { settings: { ...DEFAULTS, ...said }, origins: origins as Plan['origins'] };
}

/** A machine of a made-up source: its host name, and readings of facts by name. */
interface GivenMachine {
  readonly key: string;
  readonly hostname: string;
  readonly said?: SavedPlan;
  readonly unreachable?: string;
  readonly manifests?: readonly string[];
  readonly readings?: Readonly<Record<string, Reading<unknown> | Promise<Reading<unknown>>>>;
}

function sourceOf(given: readonly GivenMachine[]): Source {
  const machines = given.map(({ key, said, unreachable }): Machine => ({
    key,
    self: given.length === 1,
    peer: false,
    judged: true,
    said: said ?? {},
    ...(unreachable === undefined ? {} : { unreachable }),
  }));
  const read = async (machine: Machine, name: string) => {
    const { hostname, manifests, readings } = given.find(({ key }) => key === machine.key)!;
    const known: GivenMachine['readings'] = {
      hostname: { value: { hostname } },
      nodeTraces: { value: { files: {}, manifests: manifests ?? [] } },
      ...readings,
    };
    return known[name] ?? { unread: 'missing', detail: `${name} is not given` };
  };
  return {
    machines,
    read: read as Source['read'],
    probe: async () => null,
    evidence: () => ({ schema: 'seaworthy.facts/v1', tool: TOOL, takenAt: '', nodes: [] }),
  };
}

/** A check that passes, with what the case is about put over it. */
export function checkWith(over: Partial<Check>): Check {
  return {
    id: 'test/check',
    title: 'a check',
    docs: 'https://example.org/',
    kubeadm: [],
    stages: ['fresh', 'joined'],
    reasons: { fine: 'pass', bad: 'fail', odd: 'warn' },
    needs: [],
    wants: [],
    judge: () => [{ subject: 'it', reason: 'fine', message: 'It is fine.' }],
    ...over,
  };
}

export const BAD = { subject: 'it', reason: 'bad', message: 'It is bad.', remedy: { text: 'Mend it.' } };

interface Given {
  readonly checks: readonly Check[];
  readonly machines?: readonly GivenMachine[];
  readonly source?: Source;
  readonly plan?: Plan;
  readonly signal?: AbortSignal;
}

export async function eventsOf({ checks, machines, source, plan, signal }: Given): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  const input = {
    plan: plan ?? planWith(),
    planOfPeers: plan ?? planWith(),
    source: source ?? sourceOf(machines ?? [{ key: 'self', hostname: 'w1' }]),
    checks,
    command: 'check',
    tool: TOOL,
    signal: signal ?? new AbortController().signal,
    began: performance.now(),
  };
  for await (const event of run(input)) events.push(event);
  return events;
}

export async function reportOf(given: Given): Promise<Report> {
  const last = (await eventsOf(given)).at(-1);
  if (last?.type !== 'finished') throw new Error('the run did not finish');
  return last.report;
}

/** The findings of the one check of a run. */
export async function findingsOf(given: Omit<Given, 'checks'> & { readonly check: Partial<Check> }) {
  const { check, ...rest } = given;
  const report = await reportOf({ ...rest, checks: [checkWith(check)] });
  return report.checks[0]!.findings;
}
