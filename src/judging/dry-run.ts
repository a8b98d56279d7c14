import type { Draft } from '../engine/check.ts';
import type { FailedCall, PodsResult, PodTold } from '../evidence/pods.ts';
import { legSubject } from './pod-findings.ts';
import type { Leg, UnseenLeg } from './pod-legs.ts';
import { POD_REACH_REASONS } from './pod-reach-reason.ts';
import { ABSENT_REASONS, type AbsentDraft } from './pods-there.ts';
import { failureWords, pluginRemedy } from './plugin-failure.ts';
import { commandsToRemove, remainderWords } from './remainder-words.ts';

const { 'no-pods': _, ...NOT_RUN } = ABSENT_REASONS;

/** What can be said of a chain that was run, or was to be run, for throw-away pods. */
export const DRY_RUN_REASONS = {
  ...NOT_RUN,
  works: 'pass',
  'put-back': 'pass',
  'changed-meanwhile': 'pass',
  'check-disputed': 'pass',
  'check-doubtful': 'warn',
  'status-failed': 'fail',
  'add-failed': 'fail',
  'not-as-claimed': 'fail',
  'no-traffic': 'fail',
  'check-failed': 'fail',
  'del-failed': 'fail',
  'timed-out': 'fail',
  leaked: 'fail',
} as const;

type Finding = Draft<typeof DRY_RUN_REASONS>;

/** Of a chain that was not run. That pods are wanting says nothing about those that are to be made. */
export function notRun(absent: AbsentDraft): Finding {
  return absent.reason === 'no-pods'
    ? { subject: absent.subject, reason: 'undecided', message: absent.message }
    : absent;
}

/** In the order of what was done: STATUS, ADD, what it claims, traffic, CHECK, DEL, what was left and what was put back. */
export function dryRunFindings(told: PodsResult, legs: readonly (Leg | UnseenLeg)[]): Finding[] {
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
    ...checkFindings(told, flows),
    ...callFinding(
      'DEL',
      'del-failed',
      told.pods.flatMap(({ del }) => del),
      told,
    ),
    ...leaked(told),
  ];
  const isFault = findings.some(({ reason }) => DRY_RUN_REASONS[reason] !== 'pass');
  return [...(isFault ? [] : [works(told, legs)]), ...findings, ...putBack(told), ...meanwhile(told)];
}

function isAdded({ status, add }: PodTold): boolean {
  return status === null && add === null;
}

/** What happened to several pods is told once, by the first. */
function callFinding(
  verb: keyof typeof WHY,
  reason: 'status-failed' | 'add-failed' | 'check-failed' | 'del-failed',
  failed: readonly FailedCall[],
  { network }: PodsResult,
): Finding[] {
  const [first] = failed;
  if (first === undefined) return [];
  if (first.kind === 'refused')
    return [
      {
        subject: verb,
        reason: 'undecided',
        message: `${verb} was not tried: ${failureWords(first)}. A runtime would run it all the same.`,
        evidence: { network, calls: failed },
      },
    ];
  const others = new Set(failed.map(({ plugin, message }) => `${plugin}\n${message}`)).size - 1;
  const more = others > 0 ? ` (and ${others} more like it)` : '';
  return [
    {
      subject: verb,
      reason: first.kind === 'timed-out' ? 'timed-out' : reason,
      message: `${verb} failed: ${failureWords(first)}${more}.`,
      why: WHY[verb],
      expected: `${verb} succeeds for each plugin${network === null ? '' : ` of ${network.file}`}`,
      actual: failureWords(first),
      evidence: { network, calls: failed },
      remedy: pluginRemedy(first, network),
    },
  ];
}

const WHY = {
  STATUS: 'The runtime tells the kubelet that the network is not ready, and no pod is started on this node.',
  ADD: 'Every pod of this node stays in ContainerCreating.',
  CHECK: 'A runtime that asks, as CRI-O does, takes the network of the pod for broken.',
  DEL: 'Pods stay in Terminating, and what the plugins gave them is not given back.',
} as const;

function claims(pods: readonly PodTold[]): Finding[] {
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

/** Whether the network carries anything; how well is for pods/same-node. */
function trafficFindings(legs: readonly (Leg | UnseenLeg)[]): Finding[] {
  const seen = legs.filter((leg) => 'verdict' in leg);
  const lost = seen.filter(
    ({ verdict: { reason } }) => POD_REACH_REASONS[reason] === 'fail' && reason !== 'source-rewritten',
  );
  if (lost.length > 0) {
    const ways = lost.map((leg) => `${legSubject(leg)} (${leg.verdict.reason})`);
    return [
      {
        subject: 'traffic',
        reason: 'no-traffic',
        message: `ADD succeeded, and packets do not get through: ${ways.join(', ')}.`,
        why: 'Pods start, and cannot be reached.',
        expected: 'TCP, UDP and 200 kB between the pod and the node',
        actual: `${lost.length} of ${seen.length} ways are closed`,
        evidence: { lost: ways, tried: seen.length },
        remedy: {
          text: 'pods/same-node says of each of them what both ends saw, and what to do: run it with --pods throw-away. Forwarding, the rules for what is forwarded, and a bridge that is down are the usual causes.',
          commands: ['seaworthy check --pods throw-away --only pods/same-node'],
        },
      },
    ];
  }
  const unknown = legs.flatMap((leg) => {
    if (!('verdict' in leg)) return [leg.why];
    return POD_REACH_REASONS[leg.verdict.reason] === 'unknown' ? [leg.verdict.why ?? leg.verdict.reason] : [];
  });
  const [why] = unknown;
  if (why === undefined && seen.length > 0) return [];
  return [
    {
      subject: 'traffic',
      reason: 'undecided',
      message: `Whether packets get through could not be decided: ${(why ?? 'none were sent').replace(/\.$/, '')}.`,
    },
  ];
}

/**
 * What CHECK is known to say of pods that are well. portmap looks for IPv6 rules of mappings that are IPv4 alone, bandwidth crashes over pods without
 * a limit: https://github.com/containernetworking/plugins/blob/v1.1.1/plugins/meta/portmap/main.go and …/bandwidth/main.go
 */
const DISPUTED: Readonly<Record<string, { readonly words: RegExp; readonly of: string }>> = {
  portmap: { words: /could not check ipv6 dnat/i, of: 'mappings that have no IPv6 side' },
  bandwidth: { words: /nil pointer dereference/i, of: 'pods that have no limit' },
  // A bridge takes the lowest address of its ports: with each pod that joins it may be another one than ADD saw.
  bridge: { words: /^Bridge interface \S+ Mac doesn't match/i, of: 'a bridge that another pod has joined since' },
};

/** CHECK of some plugins finds fault with what works; where packets get through their word alone is not believed. */
function checkFindings(told: PodsResult, flows: boolean): Finding[] {
  if (told.pods.some((pod) => isAdded(pod) && pod.check === null)) return [notChecked()];
  const failed = told.pods.flatMap(({ check }) => (check === null || typeof check === 'string' ? [] : check));
  const [first] = failed;
  const base = { subject: 'CHECK', evidence: { network: told.network, calls: failed } };
  const known = first === undefined ? undefined : DISPUTED[first.plugin];
  const isKnown = ({ plugin, kind, message }: FailedCall) =>
    kind === 'said' && DISPUTED[plugin]?.words.test(message) === true;
  if (first !== undefined && known !== undefined && flows && failed.every(isKnown)) {
    return [
      {
        ...base,
        reason: 'check-disputed',
        message: `CHECK failed, and is not believed: ${failureWords(first)}. Packets get through, and ${first.plugin} is known to say so of ${known.of}.`,
      },
    ];
  }
  const ofPortmap = flows && failed.every(({ plugin, kind }) => plugin === 'portmap' && kind === 'said');
  if (first === undefined || !ofPortmap) return callFinding('CHECK', 'check-failed', failed, told);
  return [
    {
      ...base,
      reason: 'check-doubtful',
      message: `CHECK failed where packets get through: ${failureWords(first)}.`,
      why: 'Ports of the node that pods ask for (hostPort) may not lead to them.',
      remedy: { text: 'Try a pod with a hostPort on this node; where it is not reached, update portmap.' },
    },
  ];
}

function notChecked(): Finding {
  return {
    subject: 'CHECK',
    reason: 'undecided',
    message: 'Whether CHECK succeeds could not be decided: it had not come to its end when the time was up.',
  };
}

function leaked({ left, putBack: mended }: PodsResult): Finding[] {
  if (left.length === 0) return [];
  const there = left.filter(({ what, name }) => !mended.some((each) => each.what === what && each.name === name));
  const after =
    there.length === 0 ? 'It was taken away now.' : there.length < left.length ? 'Some of it was taken away now.' : '';
  return [
    {
      subject: 'left',
      reason: 'leaked',
      message: `After DEL this was left of the pods: ${remainderWords(left)}. ${after}`.trim(),
      why: 'Each pod that goes leaves as much: addresses run out, and rules and interfaces pile up.',
      expected: 'nothing',
      actual: remainderWords(left),
      evidence: { left, stillThere: there },
      remedy: {
        text: `Update the plugins of the chain, or mend the one that made the ${left[0]?.what ?? 'rest'}${there.length === 0 ? '' : '; what is still there the commands take away, as far as one command does'}.`,
        commands: commandsToRemove(there),
      },
    },
  ];
}

/** By design, and so no leak: plugins make these for all pods that are to come. */
function putBack({ left, putBack: mended }: PodsResult): Finding[] {
  const kept = mended.filter(({ what, name }) => !left.some((each) => each.what === what && each.name === name));
  if (kept.length === 0) return [];
  return [
    {
      subject: 'put back',
      reason: 'put-back',
      message: `Plugins keep this for pods that are to come, and it was put back: ${remainderWords(kept)}.`,
      evidence: { putBack: kept },
    },
  ];
}

/** Whoever made it: no name in it leads to the pods. */
function meanwhile({ unclear }: PodsResult): Finding[] {
  if (unclear.length === 0) return [];
  return [
    {
      subject: 'meanwhile',
      reason: 'changed-meanwhile',
      message: `While the pods were there this came to the machine, and nothing tells whose it is: ${remainderWords(unclear)}. It was left alone; what comes again with each run is a plugin’s.`,
      evidence: { unclear },
    },
  ];
}

function works({ network, pods }: PodsResult, legs: readonly (Leg | UnseenLeg)[]): Finding {
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
