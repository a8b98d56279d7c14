import type { FailedCall, PodsResult, PodTold } from '../../evidence/pods.ts';
import type { DryRunDraft } from './dry-run-reasons.ts';
import { callFinding } from './plugin-call.ts';
import { failureWords } from '../pods/plugin-failure.ts';

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

/**
 * CHECK of these plugins finds fault with what works. Where the pod has all that the result of ADD claims and packets get through, what they say
 * alone is no proof; that one crashed or hung is, and so is what any other says.
 */
export function checkFindings(told: PodsResult, added: readonly PodTold[], flows: boolean): DryRunDraft[] {
  if (added.some(({ check }) => check === null)) return [notChecked()];
  const failed = told.pods.flatMap(({ check }) => (check === null || typeof check === 'string' ? [] : check));
  const [first] = failed;
  const isWell = flows && added.every(({ differences }) => differences.length === 0);
  const isDoubted = failed.every(({ kind, plugin }) => kind === 'said' && DISPUTED[plugin] !== undefined);
  if (first === undefined || !isWell || !isDoubted) return callFinding('CHECK', 'check-failed', failed, told);
  const base = { subject: 'CHECK', evidence: { network: told.network, calls: failed } };
  if (failed.every(isKnown)) {
    return [
      {
        ...base,
        reason: 'check-disputed',
        message: `CHECK failed, and is not believed: ${failureWords(first)}. Packets get through, and ${first.plugin} is known to say so of ${DISPUTED[first.plugin]?.of}.`,
      },
    ];
  }
  return [
    {
      ...base,
      reason: 'check-doubtful',
      message: `CHECK failed where the pod has what ADD says and packets get through: ${failureWords(first)}.`,
      why: 'A runtime that asks, as CRI-O does, takes the network of the pod for broken; containerd does not ask. What was not tried here, such as ports of the node that pods ask for (hostPort), may not work.',
      remedy: {
        text: `Update ${first.plugin}. Where the runtime does not ask, try by hand what the chain does besides addresses, routes and traffic: a pod with a hostPort on this node for portmap.`,
      },
    },
  ];
}

function isKnown({ plugin, message }: FailedCall): boolean {
  return DISPUTED[plugin]?.words.test(message) === true;
}

function notChecked(): DryRunDraft {
  return {
    subject: 'CHECK',
    reason: 'undecided',
    message: 'Whether CHECK succeeds could not be decided: it had not come to its end when the time was up.',
  };
}
