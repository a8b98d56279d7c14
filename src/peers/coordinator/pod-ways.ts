import type { Place, PodWay, PodWayRequest } from '../../evidence/pods.ts';
import type { Probed, ProbeRequest, TcpRequest, UdpRequest } from '../../evidence/probes.ts';
import type { Reach } from '../../evidence/reach.ts';
import { DEFAULTS } from '../../plan/defaults.ts';
import { parseIp, type Family } from '../../values/ip.ts';
import { podPortOf } from '../../values/pod-port.ts';
import type { PortRange } from '../../values/port-range.ts';
import type { SaidPlan } from '../messages/protocol.ts';
import type { PodMembers } from './pod-members.ts';

/** The kubelet's port, which every node has: https://kubernetes.io/docs/reference/networking/ports-and-protocols/ */
const KUBELET_PORT = 10_250;
/** Of the NodePorts of a machine so many are tried over UDP, since some may be a Service's. */
const NODE_PORTS = 4;
/** Datagrams to each port: one that is lost alone is no fault. */
const DATAGRAMS = 3;

/** The packets of a way over one family of addresses. */
export interface WayPackets {
  readonly family: Family;
  /** Address of the pod that sends; null where the machine itself does. */
  readonly source: string | null;
  readonly tcp: TcpRequest;
  readonly udp: UdpRequest;
}

/** What is sent from one place to another; nothing where one of them could not be had, or they have no family of addresses in common. */
export function packetsOf({ from, to }: PodWayRequest, pods: PodMembers, plan: SaidPlan): WayPackets[] {
  const [sender, receiver] = [pods.keyOf(from), pods.keyOf(to)];
  if (sender === null || receiver === null) return [];
  return ([4, 6] as const).flatMap((family) => {
    const [source, address] = [from, to].map((place) => addressOf(place, family, pods));
    if (source === undefined || address === undefined) return [];
    const way = { from: sender, to: receiver, address };
    const tcp: TcpRequest = { kind: 'tcp', ...way, ports: tcpPorts(to, pods), bulk: true };
    const udp: UdpRequest = { kind: 'udp', ...way, ports: udpPorts(to, pods, plan), count: DATAGRAMS, dress: null };
    return [{ family, source: from.pod === null ? null : source, tcp, udp }];
  });
}

function addressOf(place: Place, family: Family, pods: PodMembers): string | undefined {
  return pods.addressesOf(place).find((address) => parseIp(address)?.family === family);
}

/** In a pod the one that this run asks for; of a machine one that pods have to reach. */
function tcpPorts({ pod }: Place, { run }: PodMembers): PortRange {
  const port = pod === null ? KUBELET_PORT : podPortOf(run);
  return { first: port, last: port };
}

function udpPorts(to: Place, pods: PodMembers, plan: SaidPlan): PortRange {
  if (to.pod !== null) return tcpPorts(to, pods);
  const { first, last } = plan.nodePortRange ?? DEFAULTS.nodePortRange;
  return { first: Math.max(first, last - NODE_PORTS + 1), last };
}

/** Both sides of what was sent; null where one of the two could not be asked any more. */
export function wayOf(
  { to }: PodWayRequest,
  { family, source, tcp, udp }: WayPackets,
  found: ReadonlyMap<ProbeRequest, Probed>,
  pods: PodMembers,
): PodWay | null {
  const [overTcp, overUdp] = [valueOf(found.get(tcp)), valueOf(found.get(udp))];
  const [connection] = overTcp?.reaches ?? [];
  const datagrams = bestOf(overUdp?.reaches ?? []);
  if (connection === undefined || datagrams === undefined) return null;
  return {
    family,
    source,
    address: tcp.address,
    tcp: answeredFor(to, connection, pods),
    udp: answeredFor(to, datagrams, pods),
    bulk: overTcp?.bulk ?? null,
    passed: null,
  };
}

/** Who answered is told by its machine, as in every result; another place of the same machine is nobody who was asked. */
function answeredFor(to: Place, reach: Reach, pods: PodMembers): Reach {
  const { answeredBy } = reach.sender;
  const place = answeredBy === null ? null : pods.placeOf(answeredBy);
  const isOther = place === null || (place.machine === to.machine && place.pod !== to.pod);
  return { ...reach, sender: { ...reach.sender, answeredBy: isOther ? null : place.machine } };
}

function valueOf(probed: Probed | undefined) {
  if (probed === undefined || (probed.kind !== 'tcp' && probed.kind !== 'udp')) return null;
  return 'value' in probed.reading ? probed.reading.value : null;
}

/** Of several ports one that our own listener holds, if there is any. */
function bestOf(reaches: readonly Reach[]): Reach | undefined {
  return reaches.find(({ receiver }) => receiver?.listener === 'ours') ?? reaches[0];
}

/** All of it got there, and back. */
export function isWell({ tcp, udp, bulk }: PodWay): boolean {
  const isThere = ({ sender: { outcome } }: Reach) => outcome === 'answered' || outcome === 'accepted';
  return isThere(tcp) && isThere(udp) && bulk?.stalled !== true;
}
