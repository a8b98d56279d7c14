import type { Draft } from '../../engine/check.ts';
import type { PodsResult, PodsRequest } from '../../evidence/pods.ts';
import type { Probed } from '../../evidence/probes.ts';
import { failureWords } from './plugin-failure.ts';

/** What can be said of a machine without pods in the run. */
export const ABSENT_REASONS = {
  'no-network': 'skip',
  'needs-real-pod': 'skip',
  'broken-network': 'unknown',
  'no-pods': 'unknown',
  'not-allowed': 'unknown',
  busy: 'unknown',
  undecided: 'unknown',
} as const;

/** Where the chain that makes pods is not what is judged. */
export const MAKING_REASONS = { 'pod-failed': 'unknown' } as const;

export type AbsentDraft = Draft<typeof ABSENT_REASONS>;

/** What came of the pods of one machine: told by it, or why nothing is known; null where that is said elsewhere. */
export interface PodsThere {
  readonly machine: string;
  readonly told: PodsResult | null;
  readonly absent: AbsentDraft | null;
}

/** Of each machine that was asked for these pods and is not already known to be lost. */
export function podsThere(probed: readonly Probed[], how: PodsRequest['how']): PodsThere[] {
  return probed.flatMap((each): PodsThere[] => {
    if (each.kind !== 'pods' || each.request.how !== how) return [];
    const { machine } = each.request;
    if ('value' in each.reading) {
      const told = each.reading.value;
      const absent = told.none === null ? tooFew(told, each.request) : absence(told.none, machine);
      return [{ machine, told, absent }];
    }
    const { unread, detail } = each.reading;
    const message = `Whether pods of ${machine} get through could not be decided: ${clause(detail)}.`;
    return [
      {
        machine,
        told: null,
        absent: unread === 'undecided' ? { subject: SUBJECT, reason: 'undecided', message } : null,
      },
    ];
  });
}

const SUBJECT = 'pods';

function tooFew({ how, pods }: PodsResult, { machine, count }: PodsRequest): AbsentDraft | null {
  if (how === 'throw-away' || pods.length >= count) return null;
  return absence(
    { why: 'no-pods', detail: `it has ${pods.length} that can be entered, and ${count} are needed` },
    machine,
  );
}

/** One finding for the pods of a machine that its chain did not make; null when all are there. */
export function notMade(machine: string, { pods }: PodsResult): Draft<typeof MAKING_REASONS> | null {
  const failed = pods.flatMap(({ status, add }) => status ?? add ?? []);
  const [first] = failed;
  if (first === undefined) return null;
  return {
    subject: SUBJECT,
    reason: 'pod-failed',
    message: `${failed.length === pods.length ? 'No pod' : `Only ${pods.length - failed.length} of ${pods.length} pods`} could be made on ${machine}: ${failureWords(first)}. There, \`seaworthy check --only cni/dry-run\` says more.`,
  };
}

type None = NonNullable<PodsResult['none']>;

function absence({ why, detail }: None, machine: string): AbsentDraft {
  const subject = SUBJECT;
  const because = clause(detail);
  switch (why) {
    case 'no-network':
      return {
        subject,
        reason: why,
        message: `No network is configured on ${machine} that pods could have: ${because}.`,
      };
    case 'broken-network':
      return {
        subject,
        reason: why,
        message: `${machine} has no network that its runtime takes: ${because}. cni/config says what is wrong with it.`,
      };
    case 'needs-real-pod':
      return {
        subject,
        reason: why,
        message: `No pods can be made on ${machine}: ${because}. --pods existing takes pods that are there already.`,
      };
    case 'no-pods':
      return {
        subject,
        reason: why,
        message: `No pods of ${machine} can take part: ${because}.`,
        remedy: {
          text: `Start two pods on ${machine} that are not on the network of the host, or take throw-away ones: --pods throw-away.`,
        },
      };
    case 'not-allowed':
      return {
        subject,
        reason: why,
        message: `Pods of ${machine} do not take part: ${because}.`,
        remedy: {
          text: `On ${machine} run \`seaworthy listen\` with --pods throw-away or --pods existing, as here: that allows it.`,
        },
      };
    case 'busy':
      return {
        subject,
        reason: why,
        message: `Pods of ${machine} could not be had: ${because}.`,
        remedy: { text: 'Run it again once the other run is over.' },
      };
    case 'denied':
    case 'missing':
    case 'timeout':
    case 'unsupported':
    case 'error':
      break;
  }
  // The engine tells of these, as of facts.
  return { subject, reason: 'undecided', message: `Pods of ${machine} could not be had: ${because}.` };
}

/** A sentence within another one. */
function clause(sentence: string): string {
  return sentence.replace(/\.$/, '');
}
