import type { Reading } from '../evidence/reading.ts';
import type { Machine, Source } from '../evidence/source.ts';
import type { Probed, ProbeRequest } from '../evidence/probes.ts';
import type { Plan, Settings } from '../plan/settings.ts';
import type { Finding } from '../report/schema.ts';
import type { Check, CompareContext, Named } from './check.ts';
import { requireList, requireNodes } from './draft.ts';
import { engineFinding, finish } from './finding.ts';
import type { Node } from './node.ts';
import type { Packets } from './packets.ts';
import { podsReason, unreadReason, type EngineReason } from './reasons.ts';
import { whyNotAsked } from './selection.ts';

/** A machine of the run with all that the judges may know of it. */
export interface Participant {
  readonly machine: Machine;
  readonly node: Node;
  readonly plan: Plan;
}

/** Why the run was ended before its time: the reason of the signal that ended it. */
export type Ending = 'budget-spent' | 'interrupted';

interface Prepared {
  readonly participant: Participant;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** What the judging of every check of a run shares. */
export interface Court {
  readonly participants: readonly Participant[];
  readonly source: Source;
  /** What holds between the nodes. */
  readonly plan: Settings;
  readonly packets: Packets;
  /** The day of the run, by which waivers expire. */
  readonly day: string;
  /** By check: that a waiver has. */
  readonly expired: ReadonlyMap<string, readonly Finding[]>;
  readonly ending: () => Ending | null;
}

/** Every finding of one check, in the order of the nodes; at least one. */
export async function judgeCheck(check: Check, court: Court): Promise<Finding[]> {
  const { participants, plan } = court;
  const unasked = whyNotAsked(check, plan);
  if (unasked !== null) return [notAsked(check, participants, unasked)];
  const findings: Finding[] = [];
  const prepared: Prepared[] = [];
  const reached = participants.filter(({ machine }) => machine.unreachable === undefined).map(({ node }) => node);
  for (const participant of participants) {
    const { node, machine } = participant;
    if (!concerns(check, machine)) continue;
    const notFor = whyNotFor(check, participant);
    if (notFor !== null) {
      if (machine.judged) findings.push(engineFinding(check, [node], notFor.reason, notFor.subject, notFor.message));
      continue;
    }
    const facts = await gather(check, participant, court);
    if ('unread' in facts) {
      if (machine.unreachable === undefined) findings.push(...facts.unread);
      continue;
    }
    prepared.push({ participant, facts: facts.read });
    if (machine.judged && machine.unreachable === undefined)
      findings.push(...judgeNode(check, participant, reached, facts.read, court));
  }
  findings.push(...(await between(check, prepared, court)));
  if (findings.length === 0) findings.push(nothingSaid(check, participants));
  return [...findings, ...(court.expired.get(check.id) ?? [])];
}

/** What peers are by themselves is not asked here, only what is between them and this machine. */
export function concerns(check: Check, { judged }: Machine): boolean {
  return judged || (check.compare !== undefined && check.within !== true);
}

/** What is between nodes: the packets that the check asks for, and what it makes of them and of the facts. */
async function between(check: Check, prepared: readonly Prepared[], court: Court): Promise<Finding[]> {
  const enough = check.compare !== undefined && prepared.length >= (check.within === true ? 1 : 2);
  const requests = enough ? requestsOf(check, prepared, court.plan) : { asked: [], broken: [] };
  const all = check.probes === undefined ? [] : ((await court.packets.ask(requests.asked)) ?? []);
  const { probed, unread } = readable(check, all, court);
  const findings = enough ? compareNodes(check, prepared, { plan: court.plan, probed }, court.day) : [];
  return [...requests.broken, ...unread, ...findings, ...unreached(check, findings, court)];
}

/** As a fact: a check is not handed the pods of a machine that could not be had because of what keeps facts away too. */
function readable(check: Check, all: readonly Probed[], { participants, ending }: Court) {
  const probed: Probed[] = [];
  const unread: Finding[] = [];
  for (const each of all) {
    const none = each.kind === 'pods' && 'value' in each.reading ? each.reading.value.none : null;
    const reason = none === null ? null : podsReason(none.why);
    if (each.kind !== 'pods' || none === null || reason === null) {
      probed.push(each);
      continue;
    }
    const nodes = participants.map(({ node }) => node).filter(({ name }) => name === each.request.machine);
    const ended = reason === 'fact-timeout' ? ending() : null;
    unread.push(engineFinding(check, nodes, ended ?? reason, 'pods', none.detail));
  }
  return { probed, unread };
}

/** Of a machine that could not be reached nothing is known, whatever the others show. */
function unreached(check: Check, findings: readonly Finding[], { participants }: Court): Finding[] {
  return participants.flatMap(({ node, machine }) =>
    machine.unreachable === undefined ||
    !concerns(check, machine) ||
    findings.some(({ nodes }) => nodes.includes(node.name))
      ? []
      : [engineFinding(check, [node], 'fact-error', 'control channel', machine.unreachable)],
  );
}

function requestsOf(
  check: Check,
  prepared: readonly Prepared[],
  plan: Settings,
): { asked: readonly ProbeRequest[]; broken: Finding[] } {
  try {
    return { asked: check.probes?.(comparedNodes(prepared), { plan }) ?? [], broken: [] };
  } catch (error) {
    const nodes = prepared.map(({ participant }) => participant.node);
    return { asked: [], broken: [engineFinding(check, nodes, 'check-error', check.id, describe(error))] };
  }
}

function comparedNodes(prepared: readonly Prepared[]) {
  return prepared.map(({ participant: { node, machine }, facts }) => ({
    node,
    unreachable: machine.unreachable,
    facts,
  }));
}

function whyNotFor(
  check: Check,
  { node, plan }: Participant,
): { reason: EngineReason; subject: string; message: string } | null {
  if (!check.stages.includes(node.stage)) {
    return {
      reason: 'other-stage',
      subject: node.stage,
      message: `It is about ${check.stages.join(' and ')} nodes; this one is ${node.stage}.`,
    };
  }
  if (
    check.roles !== undefined &&
    !node.roles.includes('any') &&
    !check.roles.some((role) => node.roles.includes(role))
  ) {
    return {
      reason: 'other-role',
      subject: node.roles.join(', '),
      message: `Only a ${check.roles.join(' or ')} has what it judges.`,
    };
  }
  const absent = (check.requires ?? []).find((key) => isUnsaid(plan.settings[key]));
  return absent === undefined
    ? null
    : { reason: 'not-named', subject: OPTION[absent], message: `No ${OPTION[absent]} was given.` };
}

const OPTION: Readonly<Record<Named, string>> = {
  join: '--join',
  controlPlaneEndpoint: '--control-plane-endpoint',
  externalEtcd: 'external etcd',
  cni: '--cni',
  podCidr: '--pod-cidr',
};

function isUnsaid(value: Settings[Named]): boolean {
  return value === null || (Array.isArray(value) && value.length === 0);
}

async function gather(
  check: Check,
  { machine, node }: Participant,
  { source, ending }: Court,
): Promise<{ read: Record<string, unknown> } | { unread: Finding[] }> {
  const read: Record<string, unknown> = {};
  const unread: Finding[] = [];
  for (const name of check.needs) {
    const reading: Reading<unknown> = await source.read(machine, name);
    if ('value' in reading) {
      read[name] = reading.value;
      continue;
    }
    const reason = (reading.unread === 'timeout' ? ending() : null) ?? unreadReason(reading.unread);
    unread.push(engineFinding(check, [node], reason, name, reading.detail));
  }
  for (const name of check.wants) read[name] = await source.read(machine, name);
  return unread.length > 0 ? { unread } : { read };
}

function judgeNode(
  check: Check,
  { node, plan }: Participant,
  nodes: readonly Node[],
  facts: Readonly<Record<string, unknown>>,
  { day }: Court,
): Finding[] {
  if (check.judge === undefined) return [];
  try {
    const drafts = check.judge(facts, { node, plan: plan.settings, nodes });
    requireList(drafts);
    if (drafts.length === 0) throw new Error('it judged nothing');
    return drafts.map((draft) => finish(check, [node], draft, { ...plan.settings, day }));
  } catch (error) {
    return [engineFinding(check, [node], 'check-error', check.id, describe(error))];
  }
}

function compareNodes(check: Check, prepared: readonly Prepared[], context: CompareContext, day: string): Finding[] {
  const nodes = prepared.map(({ participant }) => participant.node);
  try {
    const drafts = check.compare?.(comparedNodes(prepared), context) ?? [];
    requireList(drafts);
    return drafts.map((draft) => {
      requireNodes(draft);
      const { nodes: names, ...rest } = draft;
      // In the order in which the check names them: of packets the sender is first.
      const named = names.flatMap((name) => nodes.filter((node) => node.name === name));
      if (named.length === 0) throw new Error(`it names no node of the run: ${names.join(', ')}`);
      return finish(check, named, rest, { ...context.plan, day });
    });
  } catch (error) {
    return [engineFinding(check, nodes, 'check-error', check.id, describe(error))];
  }
}

function notAsked(
  check: Check,
  participants: readonly Participant[],
  { option, message }: NonNullable<ReturnType<typeof whyNotAsked>>,
): Finding {
  const nodes = participants.map(({ node }) => node);
  return engineFinding(check, nodes, 'not-asked', option, message);
}

function nothingSaid(check: Check, participants: readonly Participant[]): Finding {
  const nodes = participants.map(({ node }) => node);
  if (check.within === true)
    return engineFinding(check, nodes, 'not-asked', 'pods', 'There was no machine here that could be asked for pods.');
  if (nodes.length === 1)
    return engineFinding(
      check,
      nodes,
      'no-peers',
      'peers',
      'It is about what is between nodes, and there is only one.',
    );
  if (check.probes !== undefined)
    return engineFinding(check, nodes, 'no-peers', 'peers', 'No packets were sent between these nodes.');
  return engineFinding(check, nodes, 'check-error', check.id, describe('it judged nothing'));
}

function describe(error: unknown): string {
  return `The check itself failed: ${error instanceof Error ? error.message : String(error)}`;
}
