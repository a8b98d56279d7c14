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
    if (isJudged(check, machine)) findings.push(...judgeNode(check, participant, reached, facts.read, court));
  }
  findings.push(...(await between(check, prepared, court)));
  if (findings.length === 0) findings.push(nothingSaid(check, participants));
  return [...findings, ...(court.expired.get(check.id) ?? [])];
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
