import type { DryRunDraft } from './dry-run-reasons.ts';
import { legSubject } from '../pods/pod-findings.ts';
import type { Leg, UnseenLeg } from '../pods/pod-legs.ts';
import { POD_REACH_REASONS } from '../pods/pod-reach-reason.ts';

/** Whether the network carries anything; how well is for pods/same-node. */
export function trafficFindings(legs: readonly (Leg | UnseenLeg)[]): DryRunDraft[] {
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
