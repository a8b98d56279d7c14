import { setTimeout as sleep } from 'node:timers/promises';
import { liveSource } from '../../evidence/live.ts';
import { peeredSource, type PeerPlace } from '../../evidence/peered.ts';
import { savedPlan } from '../../evidence/saved-plan.ts';
import type { Machine, Source } from '../../evidence/source.ts';
import type { ControlProblem, SshTrouble } from '../../evidence/control-problems.ts';
import type { RemotePeer } from '../../peers/control/control-client.ts';
import type { Met } from '../../peers/coordinator/members.ts';
import type { LocalPeer } from '../../peers/local/local-peer.ts';
import { PeerError } from '../../peers/peer.ts';
import { COORDINATOR_KEY, PROTOCOL, type SaidPlan } from '../../peers/messages/protocol.ts';
import { planOfPeers } from '../../plan/plan-of-peers.ts';
import { savedPlanSchema } from '../../plan/saved-plan-schema.ts';
import type { PeerName, Plan, Settings } from '../../plan/settings.ts';
import { liveSystem } from '../../system/live.ts';
import { CONTROL_PORT } from '../../values/control-port.ts';
import { formatEndpoint } from '../../values/endpoint.ts';
import { isLoopback, parseIp } from '../../values/ip.ts';
import type { Catalogue } from '../run/catalogue.ts';
import { machineSystem } from '../run/machine-system.ts';
import { mistakenPeer } from './mistaken-peers.ts';
import { ownPeer, type OwnPeer } from './own-peer.ts';
import type { PeerSessions } from './peer-sessions.ts';
import { TOOL } from '../tool.ts';
import { UsageError } from '../usage-error.ts';

/** A run with peers, and the connections to them. */
export interface PeersSource {
  readonly source: Source;
  readonly close: () => Promise<void>;
}

/** Rejects with a PeerError. */
export type Connect = (name: PeerName, key: string, signal: AbortSignal) => Promise<RemotePeer>;

export interface PeersInput {
  readonly plan: Plan;
  readonly catalogue: Catalogue;
  /** How its peers are reached; null where it names none. */
  readonly connect: Connect | null;
  readonly signal: AbortSignal;
  /** This machine takes part, and alone is judged by itself; otherwise the peers are. */
  readonly self: boolean;
  /** Where control channels outlive the run; null where they end with it. */
  readonly sessions: PeerSessions | null;
  /** This machine as a member that outlives the run, and may take part in others meanwhile; null where it is one for this run alone. */
  readonly own: OwnPeer | null;
}

/** Between two attempts at a peer that is yet to come up. Milliseconds. */
const RETRY_MS = 500;
/** What may change while a peer comes up. */
const PASSING: readonly ControlProblem[] = ['refused', 'silent', 'lost'];

/** Meets every peer that the plan names; without any this machine alone takes part, with its pods. Throws a UsageError when one is something else than the user said. */
export async function peersSource({
  plan,
  catalogue,
  connect,
  signal,
  self,
  sessions,
  own,
}: PeersInput): Promise<PeersSource> {
  const { settings } = plan;
  // First of all: pods take a while to get ready.
  const mine = self ? (own ?? (await ownPeer({ plan, catalogue, signal, alone: connect === null }))) : null;
  const said = savedPlanSchema().parse(savedPlan(planOfPeers(plan)));
  const deadline = performance.now() + settings.wait;
  const { timeout } = settings;
  const addresses = self ? named((await liveSystem().addresses()).map(({ address }) => address)) : [];
  const meetings = await Promise.all(
    connect === null
      ? []
      : settings.peers.map((name) => meet(name, { connect, said, addresses, timeout, deadline, signal, sessions })),
  );
  const connected = meetings.flatMap(({ peer }) => peer ?? []);
  const local = mine === null ? null : await meetSelf(mine.peer, { plan, catalogue, connected, said, signal });
  const hangUp = () => {
    if (sessions === null) for (const peer of connected) peer.close();
  };
  const mistaken = mistakenPeer(meetings, local?.addresses ?? null, calledBy(settings));
  if (mistaken !== null) {
    hangUp();
    throw new UsageError(mistaken);
  }
  const source = peeredSource({
    own: local,
    peers: meetings.map((meeting) => placeOf(meeting, !self)),
    facts: catalogue.facts,
    plan: said,
    timeout,
    budget: settings.budget,
    tool: TOOL,
    signal,
  });
  const close = async () => {
    await source.settled();
    // What outlives the run has let go of it with its lease.
    if (own === null) await mine?.close(sessions !== null);
    hangUp();
  };
  return { source, close };
}

interface Meeting {
  readonly name: PeerName;
  readonly key: string;
  readonly peer: RemotePeer | null;
  readonly welcome: Met['welcome'] | null;
  /** Why there is none, as a sentence; with what was in the way of ssh. */
  readonly why: string;
  readonly problem: ControlProblem | null;
  readonly ssh: SshTrouble | null;
}

interface Terms {
  readonly connect: Connect;
  readonly said: SaidPlan;
  /** Of this machine, where it takes part. */
  readonly addresses: string[];
  /** Milliseconds for one attempt. */
  readonly timeout: number;
  readonly deadline: number;
  readonly signal: AbortSignal;
  readonly sessions: PeerSessions | null;
}

/** Until it answers, or it is clear that it will not. */
async function meet(name: PeerName, terms: Terms): Promise<Meeting> {
  const { host, port } = name;
  const key = port === CONTROL_PORT && host !== COORDINATOR_KEY ? host : formatEndpoint({ host, port });
  const { connect, said, timeout, deadline, signal, sessions } = terms;
  while (true) {
    const kept = sessions?.of(key) ?? null;
    let peer = kept;
    try {
      peer ??= await connect(name, key, signal);
      const asked = { protocol: PROTOCOL, version: TOOL.version, plan: said, addresses: terms.addresses };
      const welcome = await peer.call('meet', asked, AbortSignal.any([signal, AbortSignal.timeout(timeout)]));
      sessions?.keep(peer);
      return { name, key, peer, welcome, why: '', problem: null, ssh: null };
    } catch (error) {
      peer?.close();
      sessions?.drop(key);
      if (!(error instanceof PeerError)) throw error;
      // It may have been started anew since, and answers to a new channel.
      if (kept !== null && !signal.aborted) continue;
      const over = performance.now() >= deadline || signal.aborted || !PASSING.includes(error.problem);
      if (!over) await sleep(RETRY_MS);
      else return { name, key, peer: null, welcome: null, why: error.message, problem: error.problem, ssh: error.ssh };
    }
  }
}

/** What the user named a peer by. */
function calledBy({ inventory }: Settings): (name: PeerName) => string {
  return ({ text }) => (inventory === null ? `--peer ${text}` : `${inventory}: ${text}`);
}

function placeOf({ name, key, peer, welcome, why, problem, ssh }: Meeting, judged: boolean): PeerPlace {
  const role = name.roles.length === 0 ? {} : { role: name.roles };
  const machine = { key, self: false, peer: true, judged, said: { ...role, ...welcome?.said } };
  if (peer === null || welcome === null) {
    const inTheWay = { ...(problem === null ? {} : { problem }), ...(ssh === null ? {} : { ssh }) };
    return { machine: { ...machine, unreachable: why, ...inTheWay }, met: null };
  }
  const { remoteAddress } = peer;
  // Behind a NAT the address that the user named is none of its own.
  const reachedBy = welcome.addresses.includes(remoteAddress) ? [remoteAddress] : [];
  return { machine: { ...machine, reachedBy }, met: metOf(peer, welcome, reachedBy, false) };
}

interface MeetingSelf {
  readonly plan: Plan;
  readonly catalogue: Catalogue;
  readonly connected: readonly RemotePeer[];
  readonly said: SaidPlan;
  readonly signal: AbortSignal;
}

async function meetSelf(peer: LocalPeer, { plan, catalogue: { facts }, connected, said, signal }: MeetingSelf) {
  const welcome = await peer.call('meet', { protocol: PROTOCOL, version: TOOL.version, plan: said }, signal);
  const towards = connected.map(({ localAddress }) => localAddress);
  const reachedBy = [4, 6].flatMap((family) => towards.find((address) => parseIp(address)?.family === family) ?? []);
  // What is read for one run is read once in it.
  const system = await machineSystem(plan.settings);
  const live = liveSource({ system, facts, plan, tool: TOOL, signal });
  const [machine] = live.machines;
  const source: Source =
    machine === undefined ? live : { ...live, machines: [{ ...machine, reachedBy } satisfies Machine] };
  return { source, met: metOf(peer, welcome, reachedBy, true), addresses: welcome.addresses };
}

/** The addresses by which the run knows a machine: those that the others use first, and at most as many as a message takes. */
function metOf(peer: Met['peer'], welcome: Met['welcome'], reachedBy: readonly string[], own: boolean): Met {
  return { peer, welcome, own, addresses: named([...reachedBy, ...welcome.addresses]) };
}

/** Addresses by which others may know a machine, at most as many as a message takes. */
function named(addresses: readonly string[]): string[] {
  const usable = addresses.filter((text) => {
    const ip = parseIp(text);
    return ip !== null && !isLoopback(ip);
  });
  return [...new Set(usable)].slice(0, 64);
}
