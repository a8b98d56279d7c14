import { liveSource } from '../../evidence/live.ts';
import { peeredSource, type PeerPlace } from '../../evidence/peered.ts';
import { savedPlan } from '../../evidence/saved-plan.ts';
import type { Machine, Source } from '../../evidence/source.ts';
import type { RemotePeer } from '../../peers/control/control-client.ts';
import type { Met } from '../../peers/coordinator/members.ts';
import type { LocalPeer } from '../../peers/local/local-peer.ts';
import { PROTOCOL, type SaidPlan } from '../../peers/messages/protocol.ts';
import { planOfPeers } from '../../plan/plan-of-peers.ts';
import { savedPlanSchema } from '../../plan/saved-plan-schema.ts';
import type { PeerName, Plan, Settings } from '../../plan/settings.ts';
import { liveSystem } from '../../system/live.ts';
import { isLoopback, parseIp } from '../../values/ip.ts';
import type { Catalogue } from '../run/catalogue.ts';
import { machineSystem } from '../run/machine-system.ts';
import { TOOL } from '../tool.ts';
import { UsageError } from '../usage-error.ts';
import { meet, type Connect, type Meeting } from './meet.ts';
import { mistakenPeer } from './mistaken-peers.ts';
import { ownPeer, type OwnPeer } from './own-peer.ts';
import type { PeerSessions } from './peer-sessions.ts';

/** A run with peers, and the connections to them. */
export interface PeersSource {
  readonly source: Source;
  readonly close: () => Promise<void>;
}

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

/** Meets every peer that the plan names; without any this machine alone takes part, with its pods. Throws a UsageError when one is something else than the user said. */
export async function peersSource(input: PeersInput): Promise<PeersSource> {
  const { plan, catalogue, connect, signal, self, sessions, own } = input;
  // First of all: pods take a while to get ready.
  const mine = self ? (own ?? (await ownPeer({ plan, catalogue, signal, alone: connect === null }))) : null;
  // What outlives the run has let go of it with its lease.
  const letGo = async () => {
    if (own === null) await mine?.close(sessions !== null);
  };
  try {
    return await meetAll(input, mine, letGo);
  } catch (error) {
    await letGo();
    throw error;
  }
}

async function meetAll(
  { plan, catalogue, connect, signal, self, sessions }: PeersInput,
  mine: OwnPeer | null,
  letGo: () => Promise<void>,
): Promise<PeersSource> {
  const { settings } = plan;
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
    await letGo();
    hangUp();
  };
  return { source, close };
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
