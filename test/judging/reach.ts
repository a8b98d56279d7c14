import type { Probed, ProbeRequest, ReachResult } from '../../src/evidence/probes.ts';
import type { Counted, Reach, ReceiverSaw, SenderSaw } from '../../src/evidence/reach.ts';

/** What a sender saw that got the answer of w2; changed by what is given. */
export function sender(changes: Partial<SenderSaw> = {}): SenderSaw {
  return {
    outcome: 'answered',
    errno: null,
    waitedMs: 1,
    rttMs: 0.4,
    sent: 1,
    address: '10.0.0.1',
    atOnce: false,
    answeredBy: 'w2',
    spoken: false,
    heldBack: null,
    neighbour: null,
    answers: null,
    dressed: null,
    likeDressed: null,
    ...changes,
  };
}

/** What a listener of ours saw that took one request of w1 and answered it. */
export function receiver(changes: Partial<ReceiverSaw> = {}): ReceiverSaw {
  return {
    listener: 'ours',
    detail: null,
    arrived: 1,
    answered: 1,
    source: '10.0.0.1',
    halfOpen: 0,
    established: 0,
    turnedBack: 0,
    cookies: 0,
    lostAt: null,
    requests: null,
    dressed: null,
    likeDressed: null,
    ...changes,
  };
}

export const silence = (changes: Partial<SenderSaw> = {}) =>
  sender({ outcome: 'silence', waitedMs: 1500, rttMs: null, answeredBy: null, sent: 2, ...changes });
export const refused = (changes: Partial<SenderSaw> = {}) =>
  sender({ outcome: 'refused', errno: 'ECONNREFUSED', rttMs: null, answeredBy: null, ...changes });
export const failed = (errno: string, changes: Partial<SenderSaw> = {}) =>
  sender({ outcome: 'error', errno, rttMs: null, answeredBy: null, ...changes });
export const accepted = (changes: Partial<SenderSaw> = {}) =>
  sender({ outcome: 'accepted', rttMs: null, answeredBy: null, ...changes });
/** A receiver to which nothing came. */
export const nothing = (changes: Partial<ReceiverSaw> = {}) =>
  receiver({ arrived: 0, answered: 0, source: null, ...changes });

export const of20 = (came: number): Counted => ({ sent: 20, came, duplicates: 0, reordered: 0 });

export function reach(from: SenderSaw, to: ReceiverSaw | null, changes: Partial<Reach> = {}): Reach {
  return { ports: { first: 6443, last: 6443 }, sender: from, receiver: to, attempts: 1, undecided: null, ...changes };
}

export const open = reach(sender(), receiver());

/** What came of requests: by `reachesOf` for those over ports. */
export function probedWith(
  requests: readonly ProbeRequest[],
  resultOf: (request: Extract<ProbeRequest, { kind: 'tcp' | 'udp' }>) => Partial<ReachResult>,
): Probed[] {
  return requests.flatMap((request): Probed[] => {
    if (request.kind !== 'tcp' && request.kind !== 'udp') return [];
    const value: ReachResult = {
      reaches: [{ ...open, sender: sender({ answeredBy: request.to }), ports: request.ports }],
      bulk: null,
      ...resultOf(request),
    };
    return request.kind === 'tcp'
      ? [{ kind: 'tcp', request, reading: { value } }]
      : [{ kind: 'udp', request, reading: { value } }];
  });
}
