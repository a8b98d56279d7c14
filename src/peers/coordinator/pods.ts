import type { PodsRequest, PodsResult, PodWay, PodWayRequest } from '../../evidence/pods.ts';
import type { Probed, ProbeReading, ProbeRequest } from '../../evidence/probes.ts';
import type { Coordinating } from './coordinating.ts';
import { readForwarded, type Crossing } from './forwarded.ts';
import { knockFromPods } from './pod-knocks.ts';
import { isKnock, type Knock } from './knock-from-pod.ts';
import { openPods, type PodMembers } from './pod-members.ts';
import { isWell, packetsOf, wayOf, type WayPackets } from './pod-ways.ts';

/** So many directed pairs of machines are looked at again with the counters of both: each takes more than a second. */
const MOST_COUNTED = 6;
/** A SYN and its repeat after one second (TCP_TIMEOUT_INIT of include/net/tcp.h). Milliseconds. */
const SILENCE_MS = 1_500;

type Conduct = (requests: readonly ProbeRequest[], context: Coordinating) => Promise<Probed[]>;

/**
 * The packets of pods: pods are made or entered, packets sent between them as between machines, and everything put back. Requests of which nothing became
 * known are not among the answers.
 *
 * @param conduct Sends ordinary packets among the members of a run.
 */
export async function probePods(
  requests: readonly ProbeRequest[],
  context: Coordinating,
  conduct: Conduct,
): Promise<Probed[]> {
  const found: Probed[] = [];
  // One after the other: pods that are made would be in the way of those that are there.
  for (const how of ['existing', 'throw-away'] as const) {
    const asked = requests.filter((request) => request.kind === 'pods').filter((request) => request.how === how);
    const ways = requests.filter((request) => request.kind === 'pod-way').filter((request) => request.how === how);
    const knocks = how === 'existing' ? requests.filter(isKnock) : [];
    if (asked.length + ways.length + knocks.length > 0)
      found.push(...(await withPods({ asked, ways, knocks }, context, conduct)));
  }
  return found;
}

interface OfPods {
  readonly asked: readonly PodsRequest[];
  readonly ways: readonly PodWayRequest[];
  readonly knocks: readonly Knock[];
}

async function withPods({ asked, ways, knocks }: OfPods, context: Coordinating, conduct: Conduct): Promise<Probed[]> {
  const { members, run, plan, timeout, signal } = context;
  const pods = await openPods([...asked, ...ways, ...knocks], members, run, plan, signal);
  try {
    const sent = await sendWays(ways, pods, context, conduct);
    const knocked = knocks.length === 0 ? [] : await knockFromPods(knocks, pods, Math.min(SILENCE_MS, timeout));
    const told = await pods.close();
    return [...sent, ...knocked, ...asked.flatMap((request) => answerOf(request, told.get(request.machine) ?? null))];
  } finally {
    await pods.close();
  }
}

function answerOf(request: PodsRequest, value: PodsResult | null): Probed[] {
  return value === null ? [] : [{ kind: 'pods', request, reading: { value } }];
}

async function sendWays(
  ways: readonly PodWayRequest[],
  pods: PodMembers,
  context: Coordinating,
  conduct: Conduct,
): Promise<Probed[]> {
  const { plan } = context;
  const packets = new Map(ways.map((way) => [way, packetsOf(way, pods, plan)] as const));
  const among = { ...context, members: pods.members, run: pods.run };
  const all = [...packets.values()].flat().flatMap(({ tcp, udp }) => [tcp, udp]);
  const sent = await conduct(all, among);
  const found = new Map(sent.map((probed) => [probed.request, probed] as const));
  const made = new Map(
    [...packets].map(([way, each]) => [way, each.flatMap((one) => wayOf(way, one, found, pods) ?? [])]),
  );
  const passed = await countAgain(packets, made, pods, context);
  return [...made].map(([request, seen]): Probed => {
    if (seen.length === 0) return { kind: 'pod-way', request, reading: nothingOf(request, pods) };
    const value = { ways: seen.map((way) => ({ ...way, passed: passed.get(way) ?? null })) };
    return { kind: 'pod-way', request, reading: { value } };
  });
}

/** Why nothing was sent, or nothing came to be known of it. */
function nothingOf({ from, to }: PodWayRequest, pods: PodMembers): Extract<ProbeReading, { unread: unknown }> {
  for (const place of [from, to]) {
    const { machine } = place;
    const key = pods.keyOf(place);
    if (key === null) return { unread: 'undecided', machine, detail: `no pod of ${machine} could take part` };
    const lost = pods.members.lost(key);
    if (lost !== null) return { unread: 'undecided', machine, detail: lost };
  }
  return { unread: 'undecided', machine: to.machine, detail: 'the two have no family of addresses in common' };
}

/** What the machines on the way counted of those that did not get through. */
async function countAgain(
  packets: ReadonlyMap<PodWayRequest, readonly WayPackets[]>,
  made: ReadonlyMap<PodWayRequest, readonly PodWay[]>,
  pods: PodMembers,
  { signal }: Coordinating,
): Promise<Map<PodWay, PodWay['passed']>> {
  const passed = new Map<PodWay, PodWay['passed']>();
  const counted = new Set<string>();
  for (const [request, ways] of made) {
    for (const way of ways.filter((each) => !isWell(each))) {
      const crossing = crossingOf(request, way, packets.get(request) ?? [], pods);
      if (crossing === null || signal.aborted || counted.size === MOST_COUNTED) continue;
      const pair = `${crossing.fromNode} ${crossing.toNode} ${way.family}`;
      if (counted.has(pair)) continue;
      if (counted.size === 0) await closeListeners([...packets.values()].flat(), pods);
      counted.add(pair);
      passed.set(way, await readForwarded(crossing, pods));
    }
  }
  return passed;
}

/** Without a listener nothing stays half-open in a pod, whose answers would be repeated for a minute and counted by every machine on their way. */
async function closeListeners(packets: readonly WayPackets[], { members, run }: PodMembers): Promise<void> {
  const byReceiver = Map.groupBy(packets, ({ tcp }) => tcp.to);
  const closing = [...byReceiver].map(([to, each]) => {
    const openings = each.map(({ tcp: { address, ports } }) => ({ protocol: 'tcp' as const, address, ports }));
    return members.call(to, 'shut', { run, openings });
  });
  await Promise.all(closing);
}

function crossingOf(
  { from, to }: PodWayRequest,
  { address, family }: PodWay,
  packets: readonly WayPackets[],
  pods: PodMembers,
): Crossing | null {
  const own = packets.find(({ tcp }) => tcp.address === address);
  const [fromNode, toNode] = [from, to].map(({ machine }) => pods.keyOf({ machine, pod: null }));
  if (own === undefined || fromNode == null || toNode == null) return null;
  return { tcp: own.tcp, family, fromNode, toNode };
}
