import type { FactName, Facts } from '../evidence/facts.ts';
import type { Machine, Source } from '../evidence/source.ts';
import type { Plan } from '../plan/settings.ts';
import type { CheckReport, Report } from '../report/schema.ts';
import { createChannel } from './channel.ts';
import type { Check } from './check.ts';
import type { RunEvent } from './events.ts';
import { identify, tellApart } from './identify.ts';
import { concerns } from './concerns.ts';
import type { Ending } from './court.ts';
import type { Participant } from './participant.ts';
import { judgeCheck } from './judge.ts';
import { planOf, sharedPlan } from './machine-plan.ts';
import { packetsOf, type Packets } from './packets.ts';
import { assemble } from './assemble.ts';
import { asked, categoryOf, select } from './selection.ts';
import { worst } from '../values/status.ts';
import { expiredWaivers, today } from './waivers.ts';

export interface RunInput {
  readonly plan: Plan;
  /** What of it holds for peers; the plan itself where there are none. */
  readonly planOfPeers: Plan;
  readonly source: Source;
  readonly checks: readonly Check[];
  readonly command: string;
  readonly tool: Report['tool'];
  /** Aborts with an Ending as its reason; what was found until then is in the report. */
  readonly signal: AbortSignal;
  /** When it began, by performance.now(): before this machines were met, a cluster was asked. */
  readonly began: number;
}

/** Plan → evidence → findings → report, as events. Ends with the report, however the run went. */
export async function* run(input: RunInput): AsyncGenerator<RunEvent> {
  const channel = createChannel<RunEvent>();
  conduct(input, (event) => channel.push(event)).then(
    () => channel.close(),
    (error: unknown) => channel.close(error),
  );
  yield* channel;
}

async function conduct(
  { plan, planOfPeers, source, checks, command, tool, signal, began }: RunInput,
  emit: (event: RunEvent) => void,
): Promise<void> {
  const startedAt = new Date(Date.now() - (performance.now() - began)).toISOString();
  const id = runId();
  const selected = select(checks, plan.settings);
  emit({
    type: 'started',
    run: { id, command, startedAt, durationMs: 0 },
    checks: selected.map(({ id, title }) => ({ id, title })),
  });

  // Everything is asked for at once, and read side by side; the judges wait for what they declared.
  const shared = sharedPlan(source, plan);
  const judged = asked(checks, shared.settings);
  for (const machine of source.machines) {
    const about = judged.filter((check) => concerns(check, machine));
    for (const { needs, wants } of about) for (const name of [...needs, ...wants]) void source.read(machine, name);
  }
  // For people alone: it costs dozens of child processes, so that it is read only for those who want to see all there is.
  const inventories = Promise.all(
    source.machines.map(async (machine) =>
      plan.settings.verbose && machine.judged ? source.read(machine, 'inventory') : null,
    ),
  );
  const met = await Promise.all(
    source.machines.map((machine, index) => meet(machine, index, source, machine.peer ? planOfPeers : plan)),
  );
  const participants = tellApart(met);
  for (const { node } of participants) emit({ type: 'node', node });

  const day = today();
  const nodes = participants.map(({ node }) => node);
  const court = {
    participants,
    source,
    plan: shared.settings,
    packets: packetsOf(source, participants, judged.filter((check) => check.probes !== undefined).length, (progress) =>
      emit({ type: 'probes', progress }),
    ),
    day,
    expired: expiredWaivers(shared.settings.waivers, judged, nodes, day),
    ending: () => endingOf(signal),
  };
  const reports = await Promise.all(
    selected.map(async (check): Promise<CheckReport> => {
      const began = performance.now();
      const findings = await judgeCheck(check, court);
      const report = {
        id: check.id,
        title: check.title,
        category: categoryOf(check.id),
        status: worst(findings.map(({ status }) => status)),
        durationMs: Math.round(performance.now() - began),
        docs: check.docs,
        findings,
      };
      emit({ type: 'check', check: report });
      return report;
    }),
  );
  const ending = endingOf(signal);
  const run = {
    id,
    command,
    startedAt,
    durationMs: Math.round(performance.now() - began),
    ...(ending === null ? {} : { cutShort: ending }),
  };
  emit({
    type: 'finished',
    report: assemble({
      tool,
      run,
      plan: shared,
      participants,
      inventories: await inventories,
      checks: reports,
      pairsTested: court.packets.pairsTested(),
      pods: podsCovered(judged, court.packets),
    }),
  });
}

function podsCovered(judged: readonly Check[], packets: Packets): Report['coverage']['pods'] {
  if (packets.podsTested()) return 'tested';
  return judged.some(({ intrusive }) => intrusive !== undefined) ? 'not-tested' : 'not-asked';
}

async function meet(machine: Machine, index: number, source: Source, plan: Plan): Promise<Participant> {
  const own = planOf(machine, plan);
  const read = async <K extends FactName>(name: K): Promise<Facts[K] | null> => {
    const reading = await source.read(machine, name);
    return 'value' in reading ? reading.value : null;
  };
  const [hostname, nodeTraces, interfaces, routes, staticPods, kubelet] = await Promise.all([
    read('hostname'),
    read('nodeTraces'),
    read('interfaces'),
    read('routes'),
    read('staticPods'),
    read('kubelet'),
  ]);
  const facts = { hostname, nodeTraces, interfaces, routes, staticPods, kubelet };
  const node = identify(facts, own, machine, machine.peer ? machine.key : `node-${index + 1}`);
  const traces = await source.read(machine, 'nodeTraces');
  const isUnstaged = own.settings.stage === null && 'unread' in traces && machine.unreachable === undefined;
  return { machine, node, plan: own, ...(isUnstaged ? { unstaged: traces } : {}) };
}

/** Unique enough to tell runs apart; node:crypto would cost 8 ms at the start. */
function runId(): string {
  return `${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 10)}`;
}

function endingOf({ aborted, reason }: AbortSignal): Ending | null {
  if (!aborted) return null;
  return reason === 'budget-spent' ? 'budget-spent' : 'interrupted';
}
