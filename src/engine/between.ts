import type { Probed, ProbeRequest } from '../evidence/probes.ts';
import type { Settings } from '../plan/settings.ts';
import type { Finding } from '../report/schema.ts';
import { machinesOf } from '../values/probe-machines.ts';
import type { Check, CompareContext } from './check.ts';
import { concerns, isJudged } from './concerns.ts';
import type { Court, Prepared } from './court.ts';
import { requireList, requireNodes } from './draft.ts';
import { checkBroke, engineFinding, finish } from './finding.ts';
import { podsReason } from './reasons.ts';

/** What is between nodes: the packets that the check asks for, and what it makes of them and of the facts. */
export async function between(check: Check, prepared: readonly Prepared[], court: Court): Promise<Finding[]> {
  const enough =
    check.compare !== undefined && prepared.length >= (check.within === true || check.alone === true ? 1 : 2);
  const requests = enough ? requestsOf(check, prepared, court.plan) : { asked: [], broken: [] };
  const answers = check.probes === undefined ? null : await court.packets.ask(requests.asked);
  const { probed, unread } = readable(check, answers ?? [], court);
  const isApart = probed.length > 0 && probed.every(wentNowhere);
  const context = { plan: court.plan, probed, sent: answers !== null && !isApart };
  const findings = enough ? compareNodes(check, prepared, context, court.day) : [];
  return [...requests.broken, ...unread, ...findings, ...unreached(check, prepared, findings, court)];
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
  return { probed, unread: [...unread, ...apart(check, probed, participants)] };
}

/** One finding for all machines between which nothing can have gone. */
function apart(check: Check, probed: readonly Probed[], participants: Court['participants']): Finding[] {
  const nowhere = probed.filter(wentNowhere);
  if (nowhere.length === 0) return [];
  const names = new Set(nowhere.flatMap(({ request }) => machinesOf(request)));
  const nodes = participants.map(({ node }) => node).filter(({ name }) => names.has(name));
  const details = new Set(nowhere.flatMap(({ reading }) => ('unread' in reading ? reading.detail : [])));
  return [engineFinding(check, nodes, 'no-peers', 'peers', [...details].slice(0, MOST_TOLD).join(' '))];
}

/** Of many runs the first ones show what is meant. */
const MOST_TOLD = 3;

function wentNowhere({ reading }: Probed): boolean {
  return 'unread' in reading && reading.unread === 'no-peers';
}

/** Of a machine that could not be reached nothing is known, whatever the others show, but what the API of a cluster tells of it. */
function unreached(
  check: Check,
  prepared: readonly Prepared[],
  findings: readonly Finding[],
  { participants }: Court,
): Finding[] {
  const judged = prepared.map(({ participant }) => participant.machine).filter((machine) => isJudged(check, machine));
  return participants.flatMap(({ node, machine }) =>
    machine.unreachable === undefined ||
    !concerns(check, machine) ||
    judged.includes(machine) ||
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
    return { asked: [], broken: [checkBroke(check, nodes, error)] };
  }
}

function comparedNodes(prepared: readonly Prepared[]) {
  return prepared.map(({ participant: { node, machine }, facts }) => ({
    node,
    unreachable: machine.unreachable,
    problem: machine.problem,
    ssh: machine.ssh,
    facts,
  }));
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
    return [checkBroke(check, nodes, error)];
  }
}
