import { setTimeout as wait } from 'node:timers/promises';
import type { Forwarded, PodWay } from '../../evidence/pods.ts';
import type { TcpRequest } from '../../evidence/probes.ts';
import type { Family } from '../../values/ip.ts';
import type { Counters, Job, Sight } from '../messages/protocol.ts';
import { movedBy } from './counters.ts';
import type { PodMembers } from './pod-members.ts';

/** Connects that are lost together show by the counters of the machines on their way where. */
const CONNECTS = 8;
/** Of one SYN each, without its repeat. Milliseconds. */
const SILENCE_MS = 500;
/** What was lost before is repeated in bursts some seconds apart: one of them may fall into a round, and is not in each. */
const ROUNDS = 2;
/** Between the two sights that tell whether a machine is quiet. Milliseconds. */
const QUIET_MS = 100;
/** Answers that were lost before are repeated now and then (after 1, 3 and 7 s), and lost again: so often a quiet moment is looked for. */
const QUIET_ATTEMPTS = 10;

/** A way of packets from a pod through the machine that it is on to another one. */
export interface Crossing {
  readonly tcp: TcpRequest;
  readonly family: Family;
  /** The machines, as members among the pods. */
  readonly fromNode: string;
  readonly toNode: string;
}

/** Sends again what did not get through, and reads what both machines counted of it each time. */
export async function readForwarded(crossing: Crossing, pods: PodMembers): Promise<NonNullable<PodWay['passed']>> {
  let passed = await readOnce(crossing, pods);
  for (let round = 1; round < ROUNDS; round++) {
    const again = await readOnce(crossing, pods);
    passed = { from: least(passed.from, again.from), to: least(passed.to, again.to) };
  }
  return passed;
}

function least(one: Forwarded | null, other: Forwarded | null): Forwarded | null {
  if (one === null || other === null) return null;
  const of = (count: (counted: Forwarded) => number | null) => {
    const [first, second] = [count(one), count(other)];
    return first === null || second === null ? null : Math.min(first, second);
  };
  return {
    forwarded: of(({ forwarded }) => forwarded),
    addressErrors: of(({ addressErrors }) => addressErrors),
    noRoutes: of(({ noRoutes }) => noRoutes),
    reversePathFiltered: of(({ reversePathFiltered }) => reversePathFiltered),
    received: of(({ received }) => received),
  };
}

async function readOnce(
  { tcp, family, fromNode, toNode }: Crossing,
  { members, run }: PodMembers,
): Promise<NonNullable<PodWay['passed']>> {
  const nodes = [...new Set([fromNode, toNode])];
  const sights = async () => {
    const question = { run, from: null, ports: [], connections: false };
    return new Map(
      await Promise.all(nodes.map(async (key) => [key, await members.call(key, 'look', question)] as const)),
    );
  };
  let quiet = await sights();
  let before = quiet;
  for (let attempt = 0; attempt < QUIET_ATTEMPTS; attempt++) {
    quiet = before;
    await wait(QUIET_MS);
    before = await sights();
    if (nodes.every((key) => isQuiet(quiet.get(key), before.get(key), family))) break;
  }
  const { to, address, ports } = tcp;
  const job: Job = {
    kind: 'tcp',
    to,
    address,
    ports: [ports],
    greeting: true,
    repeat: CONNECTS,
    hold: false,
    bulk: false,
  };
  await members.call(tcp.from, 'send', { run, jobs: [job], inFlight: CONNECTS, silenceMs: SILENCE_MS });
  const after = await sights();
  const of = (key: string) => forwardedOf(quiet.get(key), before.get(key), after.get(key), family);
  return { from: of(fromNode), to: of(toNode) };
}

type Seen = Sight | null | undefined;

/** Nothing is being lost: what is forwarded meanwhile tells less, and may never cease. */
function isQuiet(first: Seen, second: Seen, family: Family): boolean {
  const lost = (seen: Seen) => {
    const counters = seen?.counters[family];
    return counters && [counters.addressErrors, counters.noRoutes, counters.reversePathFiltered].join(' ');
  };
  return lost(first) === lost(second);
}

function forwardedOf(quiet: Seen, before: Seen, after: Seen, family: Family): Forwarded | null {
  if (before == null || after == null) return null;
  const moved = (count: (counters: Counters) => number | null) =>
    movedBy({ quiet: quiet ?? null, before, after }, family, count);
  return {
    forwarded: moved(({ forwarded }) => forwarded),
    addressErrors: moved(({ addressErrors }) => addressErrors),
    noRoutes: moved(({ noRoutes }) => noRoutes),
    reversePathFiltered: moved(({ reversePathFiltered }) => reversePathFiltered),
    received: moved(({ inReceives }) => inReceives),
  };
}
