import { randomBytes } from 'node:crypto';
import type { Place, PodsHow, PodsResult } from '../../evidence/pods.ts';
import type { ProbeRequest } from '../../evidence/probes.ts';
import { formatIp, isGlobalUnicast, parseIp } from '../../values/ip.ts';
import { SCHEMAS } from '../messages/message-schemas.ts';
import { PeerError, type Peer } from '../peer.ts';
import { PROTOCOL, type AnswerOf, type SaidPlan } from '../messages/protocol.ts';
import { isKnock } from './knock-from-pod.ts';
import { enlist, type Members, type Met } from './members.ts';

/** Putting back takes a few calls of each plugin at most. Milliseconds. */
const CLOSING_MS = 120_000;

/** The pods of a run, each a machine of a run of their own, in which the machines that they are on take part too. */
export interface PodMembers {
  readonly members: Members;
  readonly run: string;
  /** Key of a place in it; null when it could not be had. */
  keyOf(place: Place): string | null;
  /** Which place a key is of. */
  placeOf(key: string): Place | null;
  /** Addresses by which a place is reached, IPv4 first. */
  addressesOf(place: Place): readonly string[];
  /** Puts everything back. What each machine tells; null of one that could not be asked any more, with why in `lost`. */
  close(): Promise<ReadonlyMap<string, PodsResult | null>>;
}

interface Opened {
  readonly machine: string;
  readonly met: Met;
  readonly answer: AnswerOf<'open-pods'>;
}

/** Asks every machine for its pods. */
export async function openPods(
  requests: readonly ProbeRequest[],
  members: Members,
  run: string,
  plan: SaidPlan,
  signal: AbortSignal,
): Promise<PodMembers> {
  const ready: Opened[] = [];
  // One after the other, and by all runs in one order: runs that want the same machines at the same time wait for each other once, and never in a circle.
  for (const [machine, { how, count }] of inOneOrder(wantedOf(requests), members)) {
    const met = members.of(machine);
    const answer = met === null ? null : await members.call(machine, 'open-pods', { run, how, count });
    if (met !== null && answer !== null) ready.push({ machine, met, answer });
  }
  const places = new Map<string, { readonly place: Place; readonly addresses: readonly string[] }>();
  const note = (place: Place, addresses: readonly string[]) => places.set(keyOfPlace(place), { place, addresses });
  const met: Met[] = [];
  for (const { machine, met: host, answer } of ready) {
    const node = answer.node.length > 0 ? answer.node : host.addresses;
    const all = [...new Set([...node, ...host.addresses, ...answer.addresses])];
    note({ machine, pod: null }, node);
    met.push({ ...host, peer: asMember(host.peer, keyOfPlace({ machine, pod: null })), addresses: all.slice(0, 64) });
    for (const { pod, addresses } of answer.pods) {
      const key = keyOfPlace({ machine, pod });
      const plain = addresses.flatMap((text) => plainAddress(text) ?? []);
      const peer = podPeer(host.peer, key, run, pod);
      const welcome = await meetPod(peer, host.welcome.version, signal);
      if (welcome === null) continue;
      note({ machine, pod }, plain);
      met.push({ peer, welcome, addresses: plain, own: host.own });
    }
  }
  const endpoints = requests.flatMap((request) =>
    request.kind === 'endpoint' ? [{ address: request.address, port: request.port }] : [],
  );
  const ownRun = randomBytes(8).toString('hex');
  const secret = randomBytes(32).toString('base64url');
  const podMembers = await enlist({ met, run: ownRun, secret, endpoints, plan, signal });

  return {
    members: podMembers,
    run: ownRun,
    keyOf: (place) => (places.has(keyOfPlace(place)) ? keyOfPlace(place) : null),
    placeOf: (key) => places.get(key)?.place ?? null,
    addressesOf: (place) => places.get(keyOfPlace(place))?.addresses ?? [],
    close: once(async () => {
      // Agents of pods end anyway.
      const leaving = podMembers.leave();
      const told = ready.map(async ({ machine, met: host, answer }) => {
        if (answer.told.none !== null) return [machine, answer.told] as const;
        // Whatever ended the run, this is waited for.
        const closed = await host.peer
          .call('close-pods', { run }, AbortSignal.timeout(CLOSING_MS))
          .catch((error: unknown) => {
            if (error instanceof PeerError) return null;
            throw error;
          });
        return [machine, closed?.told ?? null] as const;
      });
      const known = new Map(await Promise.all(told));
      await leaving;
      return known;
    }),
  };
}

/** The same promise, however often it is asked for. */
function once<T>(start: () => Promise<T>): () => Promise<T> {
  let started: Promise<T> | null = null;
  return () => (started ??= start());
}

/** How many pods each machine is asked for. */
function wantedOf(requests: readonly ProbeRequest[]): Map<string, { how: PodsHow; count: number }> {
  const wanted = new Map<string, { how: PodsHow; count: number }>();
  const want = (machine: string, how: PodsHow, count: number) =>
    wanted.set(machine, { how, count: Math.max(count, wanted.get(machine)?.count ?? 1) });
  for (const request of requests) {
    if (isKnock(request)) want(request.from, 'existing', request.pod + 1);
    if (request.kind === 'pods') want(request.machine, request.how, request.count);
    if (request.kind !== 'pod-way') continue;
    for (const { machine, pod } of [request.from, request.to]) want(machine, request.how, (pod ?? 0) + 1);
  }
  return wanted;
}

/** By the address at which others reach it: what a machine is called is another thing in each run. */
function inOneOrder<T>(wanted: ReadonlyMap<string, T>, members: Members): [string, T][] {
  const nameOf = (machine: string) => members.of(machine)?.addresses[0] ?? '';
  return [...wanted].sort(([a], [b]) => (nameOf(a) < nameOf(b) ? -1 : 1));
}

function keyOfPlace({ machine, pod }: Place): string {
  return pod === null ? `${machine} node` : `${machine} pod ${pod}`;
}

/** Without its prefix length; null where nobody else could reach it. */
function plainAddress(text: string): string | null {
  const ip = parseIp(text.replace(/\/.*$/, ''));
  return ip === null || !isGlobalUnicast(ip) ? null : formatIp(ip);
}

/** The same machine under the name that it has among the pods. */
function asMember(peer: Peer, key: string): Peer {
  return { key, call: (message, request, signal) => peer.call(message, request, signal), close: () => undefined };
}

/** A pod, behind the machine that it is on. */
function podPeer(host: Peer, key: string, run: string, pod: number): Peer {
  return {
    key,
    call: async (message, request, signal) => {
      const { answer } = await host.call('in-pod', { run, pod, message, request }, signal);
      const parsed = SCHEMAS[message].answer.safeParse(answer);
      if (parsed.success) return parsed.data;
      throw new PeerError('not-a-peer', `${key} gave an answer that is none (${message})`);
    },
    close: () => undefined,
  };
}

async function meetPod(peer: Peer, version: string, signal: AbortSignal): Promise<Met['welcome'] | null> {
  try {
    return await peer.call('meet', { protocol: PROTOCOL, version, plan: {} }, signal);
  } catch (error) {
    if (error instanceof PeerError) return null;
    throw error;
  }
}
