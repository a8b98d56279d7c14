import { setTimeout as wait } from 'node:timers/promises';
import type { Forwarded, PodWay } from '../../evidence/pods.ts';
import type { TcpRequest } from '../../evidence/probes.ts';
import type { Family } from '../../values/ip.ts';
import type { Counters, Job, Sight } from '../protocol.ts';
import { movedBy } from './counters.ts';
import type { PodMembers } from './pod-members.ts';

/** Connects that are lost together show by the counters of the machines on their way where. */
const CONNECTS = 8;
/** Of one SYN each, and of its repeat. Milliseconds. */
const SILENCE_MS = 1_100;
/** Between the two sights that tell whether a machine is quiet. Milliseconds. */
const QUIET_MS = 100;

/** A way of packets from a pod through the machine that it is on to another one. */
export interface Crossing {
  readonly tcp: TcpRequest;
  readonly family: Family;
  /** The machines, as members among the pods. */
  readonly fromNode: string;
  readonly toNode: string;
}

/** Sends once more what did not get through, and reads what both machines counted of it. */
export async function readForwarded(
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
  const quiet = await sights();
  await wait(QUIET_MS);
  const before = await sights();
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
