import type { Reading } from '../evidence/reading.ts';
import type { Finding } from '../report/schema.ts';
import { between } from './between.ts';
import type { Check } from './check.ts';
import { concerns, isJudged, whyNotFor } from './concerns.ts';
import type { Court, Prepared } from './court.ts';
import type { Participant } from './participant.ts';
import { requireList } from './draft.ts';
import { checkBroke, engineFinding, finish } from './finding.ts';
import type { Node } from './node.ts';
import { unreadReason } from './reasons.ts';
import { whyNotAsked } from './selection.ts';

/** Every finding of one check, in the order of the nodes; at least one. */
export async function judgeCheck(check: Check, court: Court): Promise<Finding[]> {
  const { participants, plan } = court;
  const unasked = whyNotAsked(check, plan);
  if (unasked !== null) return [notAsked(check, participants, unasked)];
  const findings: Finding[] = [];
  const prepared: Prepared[] = [];
  const reached = participants.filter(({ machine }) => machine.unreachable === undefined).map(({ node }) => node);
  for (const participant of participants) {
    const { machine } = participant;
    if (!concerns(check, machine)) continue;
    const [first, second] = await Promise.all(
      possible(participant).map((each) => judgeParticipant(check, each, reached, court)),
    );
    if (first?.prepared !== undefined) prepared.push(first.prepared);
    const isCertain = second === undefined || outcomeOf(first) === outcomeOf(second);
    findings.push(...(isCertain ? (first?.findings ?? []) : [stageUnseen(check, participant, court)]));
  }
  findings.push(...(await between(check, prepared, court)));
  if (findings.length === 0) findings.push(nothingSaid(check, participants));
  return [...findings, ...(court.expired.get(check.id) ?? [])];
}

interface Judged {
  readonly findings: readonly Finding[];
  /** Absent where there is nothing to compare with others. */
  readonly prepared?: Prepared;
}

/** A machine of which nobody knows whether it has joined could be either. */
function possible(participant: Participant): Participant[] {
  if (participant.unstaged === undefined) return [participant];
  return (['fresh', 'joined'] as const).map((stage) => ({ ...participant, node: { ...participant.node, stage } }));
}

function outcomeOf(judged: Judged | undefined): string {
  return JSON.stringify(judged?.findings.map(({ subject, reason }) => [subject, reason]));
}

function stageUnseen(check: Check, { node, unstaged }: Participant, { ending }: Court): Finding {
  const { unread, detail } = unstaged ?? { unread: 'error', detail: '' };
  const reason = (unread === 'timeout' ? ending() : null) ?? unreadReason(unread);
  const message = `Whether this machine has joined was not seen, and it is judged otherwise then (--stage says it): ${detail}`;
  return engineFinding(check, [node], reason, 'nodeTraces', message);
}

async function judgeParticipant(
  check: Check,
  participant: Participant,
  reached: readonly Node[],
  court: Court,
): Promise<Judged> {
  const { node, machine } = participant;
  const notFor = whyNotFor(check, participant);
  if (notFor !== null) {
    const { reason, subject, message } = notFor;
    return { findings: machine.judged ? [engineFinding(check, [node], reason, subject, message)] : [] };
  }
  const facts = await gather(check, participant, court);
  if ('unread' in facts) return { findings: machine.unreachable === undefined ? facts.unread : [] };
  const isAsked = isJudged(check, machine);
  return {
    prepared: { participant, facts: facts.read },
    findings: isAsked ? judgeNode(check, participant, reached, facts.read, court) : [],
  };
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
  { day, participants }: Court,
): Finding[] {
  if (check.judge === undefined) return [];
  const met = participants.some(({ machine }) => machine.peer && machine.unreachable === undefined);
  try {
    const drafts = check.judge(facts, { node, plan: plan.settings, nodes, met });
    requireList(drafts);
    if (drafts.length === 0) throw new Error('it judged nothing');
    return drafts.map((draft) => finish(check, [node], draft, { ...plan.settings, day }));
  } catch (error) {
    return [checkBroke(check, [node], error)];
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
  return checkBroke(check, nodes, 'it judged nothing');
}
