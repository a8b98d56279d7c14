import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { reachReason } from '../../../src/judging/reach/reach-reason.ts';
import { REACH_REASONS, type ReachReason } from '../../../src/judging/reach/reach-reasons.ts';
import type { Reach, ReceiverSaw, SenderSaw } from '../../../src/evidence/reach.ts';
import { accepted, failed, nothing, of20, reach, receiver, refused, sender, silence } from '../reach.ts';

type Row = readonly [string, ReachReason, SenderSaw, ReceiverSaw | null, Partial<Reach>?];

const owner = { listener: 'owner', detail: 'kubelet (pid 812)', established: 1 } as const;

const TCP: readonly Row[] = [
  ['an answer with the nonce', 'open', sender(), receiver()],
  ['an answer over IPv4 to a socket of both families', 'open', sender(), receiver({ source: '::ffff:10.0.0.1' })],
  ['an answer, and the receiver was asked too late', 'undecided', sender(), null],
  ['a peer that vanished', 'undecided', refused(), nothing(), { undecided: 'w2 vanished' }],
  ['an owner takes it', 'open', accepted(), nothing(owner)],
  [
    'somebody takes it, and the kernel of the owner knows nothing of it',
    'undecided',
    accepted(),
    nothing({ ...owner, established: 0 }),
  ],
  ['an owner that speaks first takes it', 'open', accepted({ spoken: true }), nothing(owner)],
  ['NAT', 'source-rewritten', sender(), receiver({ source: '192.0.2.1' })],
  ['another member answers', 'wrong-host', sender({ answeredBy: 'w3' }), nothing()],
  ['a stranger speaks', 'wrong-host', accepted({ spoken: true }), nothing()],
  ['somebody takes it and says nothing', 'wrong-host', accepted(), nothing()],
  ['the third packet is lost', 'half-open', accepted(), nothing({ halfOpen: 1 })],
  [
    'a third packet that waits for data',
    'undecided',
    accepted(),
    nothing({ ...owner, established: 0, halfOpen: 1, turnedBack: null }),
  ],
  ['a listener that is too slow to greet', 'undecided', accepted(), nothing({ established: 1 })],
  ['the third packet to an owner is lost', 'half-open', accepted(), nothing({ ...owner, halfOpen: 1, established: 0 })],
  [
    'an owner with a full queue',
    'undecided',
    accepted(),
    nothing({ ...owner, halfOpen: 1, established: 0, turnedBack: 2 }),
  ],
  ['the request arrives and the answer does not', 'reply-lost', accepted(), receiver()],
  ['it greets, and the request gets no answer', 'undecided', accepted({ answeredBy: 'w2' }), nothing()],
  ['it greets, and the answer is late', 'undecided', accepted({ answeredBy: 'w2' }), receiver()],
  [
    'it greets, and the connection is broken off',
    'undecided',
    accepted({ answeredBy: 'w2', errno: 'ECONNRESET' }),
    nothing(),
  ],
  ['somebody takes it where nobody listens', 'undecided', accepted(), nothing({ listener: 'none' })],
  ['refused, and our listener saw nothing', 'rejected', refused(), nothing()],
  ['refused, with an owner', 'rejected', refused(), nothing(owner)],
  ['refused, with an owner whose queue is full', 'undecided', refused(), nothing({ ...owner, turnedBack: 1 })],
  ['refused at once', 'blocked-locally', refused({ atOnce: true }), nothing()],
  ['refused by the own firewall', 'blocked-locally', refused({ heldBack: 3 }), nothing()],
  ['refused after it arrived', 'undecided', refused(), receiver()],
  ['nobody listens', 'no-listener', refused(), nothing({ listener: 'none' })],
  ['silence where nobody listens', 'no-listener', silence(), nothing({ listener: 'none' })],
  ['a Service', 'service-owned', silence(), nothing({ listener: 'service' })],
  ['a port that could not be opened', 'listener-unavailable', refused(), nothing({ listener: 'unavailable' })],
  ['an administrator prohibits it', 'rejected', failed('EHOSTUNREACH', { neighbour: 'resolved' }), nothing()],
  ['IPv6 prohibits it', 'rejected', failed('EACCES'), nothing()],
  ['no answer to ARP', 'no-neighbour', failed('EHOSTUNREACH', { neighbour: 'failed', waitedMs: 3100 }), nothing()],
  ['no answer to ARP within the time', 'no-neighbour', silence({ neighbour: 'failed' }), nothing()],
  ['no route', 'blocked-locally', failed('ENETUNREACH', { atOnce: true }), nothing()],
  ['a blackhole route', 'blocked-locally', failed('EINVAL', { atOnce: true }), nothing()],
  ['refused by the own firewall with an error', 'blocked-locally', failed('EHOSTUNREACH', { heldBack: 1 }), nothing()],
  ['no descriptors', 'undecided', failed('EMFILE', { atOnce: true }), nothing()],
  ['no ephemeral port', 'undecided', failed('EADDRNOTAVAIL', { atOnce: true }), nothing()],
  ['no family', 'undecided', failed('EAFNOSUPPORT', { atOnce: true }), nothing()],
  ['an error that says nothing', 'undecided', failed('EIO'), nothing()],
  ['broken off', 'undecided', failed('ECONNRESET'), nothing()],
  ['broken off again', 'rejected', failed('ECONNRESET'), nothing(), { attempts: 2 }],
  ['broken off by an owner', 'undecided', failed('ECONNRESET'), nothing(owner), { attempts: 2 }],
  ['broken off after it arrived', 'reply-lost', failed('ECONNRESET'), receiver(), { attempts: 2 }],
  ['an error after it arrived', 'reply-lost', failed('EHOSTUNREACH'), receiver()],
  ['the kernel gave up', 'request-lost', failed('ETIMEDOUT'), nothing()],
  ['silence', 'request-lost', silence(), nothing()],
  ['silence, with an owner', 'request-lost', silence(), nothing(owner)],
  ['silence of an owner with a full queue', 'undecided', silence(), nothing({ ...owner, turnedBack: 1 })],
  ['the own firewall drops it', 'blocked-locally', silence({ heldBack: 2 }), nothing()],
  ['half open', 'reply-lost', silence(), nothing({ halfOpen: 1 })],
  ['half open at an owner', 'reply-lost', silence(), nothing({ ...owner, halfOpen: 1, established: 0 })],
  ['half open, whatever the sender counts', 'reply-lost', silence({ heldBack: 1 }), nothing({ halfOpen: 1 })],
  ['turned back by the firewall of the receiver', 'reply-lost', silence(), nothing({ turnedBack: 3 })],
  ['nothing was sent', 'undecided', silence({ sent: 0 }), nothing()],
  ['nothing was sent where nobody listens', 'no-listener', silence({ sent: 0 }), nothing({ listener: 'none' })],
  ['SYN cookies', 'lost', silence(), nothing({ cookies: 3 })],
];

const counts = { requests: of20(20), dressed: of20(20), likeDressed: of20(20) };
const answers = { answers: of20(20), dressed: of20(20), likeDressed: of20(20) };

const UDP: readonly Row[] = [
  ['an answer', 'open', sender(), receiver()],
  ['all answers', 'open', sender(answers), receiver(counts)],
  [
    'one of 20 lost each way',
    'open',
    sender({ ...answers, answers: of20(18) }),
    receiver({ ...counts, requests: of20(19) }),
  ],
  [
    'two of 20 lost there',
    'lossy',
    sender({ ...answers, answers: of20(18) }),
    receiver({ ...counts, requests: of20(18) }),
  ],
  ['two of 20 lost on the way back', 'lossy', sender({ ...answers, answers: of20(18) }), receiver(counts)],
  [
    'the last two lost',
    'lossy',
    sender({ ...answers, answers: of20(18) }),
    receiver({ ...counts, requests: { ...of20(18), sent: 18 } }),
  ],
  [
    'one of 20 lost back, after two looks there',
    'open',
    sender({ ...answers, answers: of20(19) }),
    receiver({ ...counts, requests: { ...of20(40), sent: 40 } }),
  ],
  ['some of the dressed lost', 'lossy', sender(answers), receiver({ ...counts, dressed: of20(10) })],
  ['all of the dressed lost', 'encapsulation-lost', sender(answers), receiver({ ...counts, dressed: of20(0) })],
  [
    'all of the dressed lost, so that nobody counts them',
    'encapsulation-lost',
    sender({ ...answers, dressed: of20(0) }),
    receiver({ ...counts, dressed: null }),
  ],
  ['all of that size lost', 'lossy', sender(answers), receiver({ ...counts, dressed: of20(0), likeDressed: of20(0) })],
  ['NAT', 'source-rewritten', sender(answers), receiver({ ...counts, source: '10.0.0.9' })],
  ['another answers', 'wrong-host', sender({ answeredBy: null }), nothing()],
  ['an owner is silent', 'listener-unavailable', silence(), nothing(owner)],
  ['an owner refuses', 'listener-unavailable', refused(), nothing(owner)],
  ['a tunnel device', 'kernel-owned', silence(), nothing({ listener: 'kernel' })],
  ['a tunnel device refuses', 'undecided', refused(), nothing({ listener: 'kernel' })],
  ['a tunnel device refuses again', 'rejected', refused(), nothing({ listener: 'kernel' }), { attempts: 2 }],
  ['a firewall before a tunnel device', 'rejected', failed('EHOSTUNREACH'), nothing({ listener: 'kernel' })],
  ['nobody listens', 'no-listener', refused({ atOnce: true }), nothing({ listener: 'none' })],
  ['refused', 'rejected', refused({ atOnce: true }), nothing()],
  ['refused, and some arrived', 'reply-lost', refused(), receiver()],
  ['the own firewall', 'blocked-locally', failed('EPERM', { atOnce: true }), nothing()],
  ['silence', 'request-lost', silence(), nothing()],
  ['silence, whatever TCP counts', 'request-lost', silence(), nothing({ turnedBack: 1, cookies: 1, halfOpen: 1 })],
  ['arrived', 'reply-lost', silence(), receiver()],
  ['arrived, counted', 'reply-lost', silence(), nothing({ requests: of20(3) })],
  ['an owner answers', 'open', accepted({ spoken: true }), nothing(owner)],
  ['a stranger answers', 'wrong-host', accepted({ spoken: true }), nothing()],
  ['a stranger answers where nobody listens', 'undecided', accepted({ spoken: true }), nothing({ listener: 'none' })],
  ['a stranger answers what arrived', 'undecided', accepted({ spoken: true }), receiver()],
  ['nothing was sent to a tunnel device', 'kernel-owned', silence({ sent: 0 }), nothing({ listener: 'kernel' })],
  ['nothing was sent to an owner', 'listener-unavailable', silence({ sent: 0 }), nothing(owner)],
  ['loss that nobody measured', 'open', sender(), receiver({ requests: of20(2) })],
];

const named = ([name, reason, from, to, changes]: Row) => ({ name, reason, from, to, changes });

test.each(TCP.map(named))('TCP, $name: $reason', ({ reason, from, to, changes }) => {
  expect(reachReason(reach(from, to, changes), { protocol: 'tcp', to: 'w2' }).reason).toBe(reason);
});

test.each(UDP.map(named))('UDP, $name: $reason', ({ reason, from, to, changes }) => {
  expect(reachReason(reach(from, to, changes), { protocol: 'udp', to: 'w2' }).reason).toBe(reason);
});

test('what is proved, and what led to it', () => {
  const of = (from: SenderSaw, to: ReceiverSaw) => reachReason(reach(from, to), { protocol: 'tcp', to: 'w2' });
  expect(of(sender(), receiver())).toEqual({ reason: 'open', proof: 'nonce', why: null });
  expect(of(accepted(), nothing(owner))).toEqual({ reason: 'open', proof: 'accepted', why: 'kubelet (pid 812)' });
  expect(of(failed('EACCES'), nothing())).toEqual({ reason: 'rejected', proof: null, why: 'EACCES' });
});

const number = fc.integer({ min: 0, max: 20 });
const counted = fc.option(number.map(of20));
const senders: fc.Arbitrary<SenderSaw> = fc.record({
  outcome: fc.constantFrom('answered', 'accepted', 'refused', 'error', 'silence'),
  errno: fc.constantFrom(null, 'EHOSTUNREACH', 'EPERM', 'ECONNRESET', 'EMFILE', 'ENOBUFS', 'EADDRNOTAVAIL', 'EIO'),
  waitedMs: number,
  rttMs: fc.option(number),
  sent: number,
  address: fc.constantFrom(null, '10.0.0.1', '10.0.0.9'),
  atOnce: fc.boolean(),
  answeredBy: fc.constantFrom(null, 'w1', 'w2', 'w3'),
  spoken: fc.boolean(),
  heldBack: fc.option(number),
  neighbour: fc.constantFrom(null, 'failed', 'resolved'),
  answers: counted,
  dressed: counted,
  likeDressed: counted,
});
const receivers: fc.Arbitrary<ReceiverSaw> = fc.record({
  listener: fc.constantFrom('ours', 'owner', 'kernel', 'service', 'none', 'unavailable'),
  detail: fc.option(fc.string()),
  arrived: number,
  answered: number,
  source: fc.constantFrom(null, '10.0.0.1', '::ffff:10.0.0.1', '10.0.0.9'),
  halfOpen: number,
  established: number,
  turnedBack: number,
  cookies: number,
  lostAt: fc.constantFrom(null, 'before-peer', 'peer-input', 'peer-output', 'after-peer', 'unknown'),
  requests: counted,
  dressed: counted,
  likeDressed: counted,
});
const seen = fc.record({
  ports: fc.constant({ first: 1, last: 1 }),
  sender: senders,
  receiver: fc.option(receivers),
  attempts: fc.constantFrom(1, 2),
  undecided: fc.option(fc.constant('too loaded'), { freq: 2 }),
});

const TARGETS = fc.constantFrom('tcp' as const, 'udp' as const).map((protocol) => ({ protocol, to: 'w2' }));

test('without the word of both sides, and at a limit of their own, nothing is a fault', () => {
  const limit = ['EMFILE', 'ENOBUFS', 'EADDRNOTAVAIL'];
  fc.assert(
    fc.property(seen, TARGETS, (each, target) => {
      const { sender: from, receiver: to, undecided } = each;
      const blind = undecided !== null || to === null || limit.includes(from.errno ?? '');
      fc.pre(blind || to.listener === 'unavailable');
      const { reason } = reachReason(each, target);
      expect(REACH_REASONS[reason]).toBe('unknown');
      expect(reason === 'undecided').toBe(blind);
    }),
    { numRuns: 1000 },
  );
});

test('nothing is open unless the right machine proved itself, or a real owner took the connection', () => {
  const proves = (each: Reach, proof: string | null) =>
    proof === 'nonce'
      ? each.sender.outcome === 'answered' && each.sender.answeredBy === 'w2'
      : each.sender.outcome === 'accepted' && ['owner', 'kernel'].includes(each.receiver?.listener ?? '');
  fc.assert(
    fc.property(seen, TARGETS, (each, target) => {
      const { reason, proof } = reachReason(each, target);
      expect(reason !== 'open' || proves(each, proof)).toBe(true);
    }),
    { numRuns: 2000 },
  );
});
