import type { PodsResult, PodTold } from '../../evidence/pods.ts';
import type { Stage } from '../../plan/settings.ts';
import { checkFindings } from './dry-run-check.ts';
import { DRY_RUN_REASONS, type DryRunDraft } from './dry-run-reasons.ts';
import { leaked, meanwhile, putBack } from './dry-run-remainders.ts';
import { trafficFindings } from './dry-run-traffic.ts';
import { callFinding } from './plugin-call.ts';
import type { Leg, UnseenLeg } from '../pods/pod-legs.ts';
import type { AbsentDraft } from '../pods/pods-there.ts';

/** Of a chain that was not run. That pods are wanting says nothing about those that are to be made. */
export function notRun(absent: AbsentDraft): DryRunDraft {
  return absent.reason === 'no-pods'
    ? { subject: absent.subject, reason: 'undecided', message: absent.message }
    : absent;
}

/** In the order of what was done: STATUS, ADD, what it claims, traffic, CHECK, DEL, what was left and what was put back. */
export function dryRunFindings(told: PodsResult, legs: readonly (Leg | UnseenLeg)[], stage: Stage): DryRunDraft[] {
  const added = told.pods.filter(isAdded);
  const status = callFinding(
    'STATUS',
    'status-failed',
    told.pods.flatMap((pod) => pod.status ?? []),
    told,
  );
  const add = callFinding(
    'ADD',
    'add-failed',
    told.pods.flatMap((pod) => pod.add ?? []),
    told,
  );
  const traffic = added.length < told.pods.length ? [] : trafficFindings(legs);
  const flows = traffic.length === 0 && added.length > 0;
  const findings = [
    ...status,
    ...add,
    ...claims(added),
    ...traffic,
    ...checkFindings(told, added, flows),
    ...callFinding(
      'DEL',
      'del-failed',
      told.pods.flatMap(({ del }) => del),
      told,
    ),
    ...leaked(told),
  ];
  const isFault = findings.some(({ reason }) => DRY_RUN_REASONS[reason] !== 'pass');
  return [...(isFault ? [] : [works(told, legs)]), ...findings, ...putBack(told), ...meanwhile(told, stage)];
}

function isAdded({ status, add }: PodTold): boolean {
  return status === null && add === null;
}

function claims(pods: readonly PodTold[]): DryRunDraft[] {
  const differences = pods.flatMap((pod) => pod.differences);
  const [first] = differences;
  if (first === undefined) return [];
  const all = [
    ...new Set(differences.map(({ what, claimed, found }) => `${what} ${claimed}: ${found ?? 'not there'}`)),
  ];
  return [
    {
      subject: 'result',
      reason: 'not-as-claimed',
      message: `ADD says what the pod does not have: ${all.slice(0, 6).join('; ')}.`,
      why: 'Kubernetes believes the result: it gives the pod’s address to Services, whether the pod has it or not.',
      expected: `${first.what} ${first.claimed}`,
      actual: first.found ?? 'not there',
      evidence: { differences },
      remedy: {
        text: 'A plugin of the chain reports what it did not do, or a later one undid it: update the plugins, or take the chain apart until the result and the pod agree.',
      },
    },
  ];
}

function works({ network, pods }: PodsResult, legs: readonly (Leg | UnseenLeg)[]): DryRunDraft {
  const addresses = pods.flatMap((pod) => pod.addresses);
  const open = legs.filter((leg) => 'verdict' in leg && leg.verdict.reason !== 'not-open');
  const checked = pods.every(({ check }) => check === 'done') ? ', CHECK' : '';
  return {
    subject: 'chain',
    reason: 'works',
    message: `${network === null ? 'The chain' : `${network.plugins.join(', ')} of ${network.file}`} gave ${pods.length === 1 ? 'a pod' : `${pods.length} pods`} a network (${addresses.join(', ')}): ADD, ${open.length} ways of traffic${checked} and DEL went well, and nothing that is known to be theirs is left.`,
    evidence: {
      network,
      pods: pods.map(({ name, addresses: own, mtu, check }) => ({ name, addresses: own, mtu, check })),
    },
  };
}
