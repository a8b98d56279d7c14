import type { FailedCall, PodsResult, PodTold } from '../evidence/pods.ts';
import type { DryRunDraft } from './dry-run-reasons.ts';
import { callFinding } from './plugin-call.ts';
import { failureWords } from './plugin-failure.ts';

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
export function checkFindings(told: PodsResult, added: readonly PodTold[], flows: boolean): DryRunDraft[] {
  if (added.some(({ check }) => check === null)) return [notChecked()];
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

function notChecked(): DryRunDraft {
  return {
    subject: 'CHECK',
    reason: 'undecided',
    message: 'Whether CHECK succeeds could not be decided: it had not come to its end when the time was up.',
  };
}
