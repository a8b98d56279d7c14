import type {
  EndpointRequest,
  EndpointResult,
  ProbeReading,
  ProbeRequest,
  Probed,
  ReachResult,
} from '../evidence/probes.ts';
import type { Reach } from '../evidence/reach.ts';
import type { Place, PodWayRequest, PodWayResult } from '../evidence/pods.ts';

/** What a machine is called instead. */
type Rename = (machine: string) => string;

/** The same request about machines of other names. */
export function renameRequest(request: ProbeRequest, rename: Rename): ProbeRequest {
  if (request.kind === 'clock') return { ...request, to: rename(request.to) };
  if (request.kind === 'endpoint') return renameKnock(request, rename);
  if (request.kind === 'pods') return { ...request, machine: rename(request.machine) };
  if (request.kind === 'pod-way') return renamePodWay(request, rename);
  return renameWay(request, rename);
}

/** The same packets between machines of other names. Kind by kind: a request and what came of it go together. */
export function renameProbed(probed: Probed, rename: Rename): Probed {
  if (probed.kind === 'tcp') {
    const { kind, request, reading } = probed;
    return { kind, request: renameWay(request, rename), reading: renameReading(reading, rename, renameReaches) };
  }
  if (probed.kind === 'udp') {
    const { kind, request, reading } = probed;
    return { kind, request: renameWay(request, rename), reading: renameReading(reading, rename, renameReaches) };
  }
  if (probed.kind === 'path-mtu') {
    const { kind, request, reading } = probed;
    return { kind, request: renameWay(request, rename), reading: renameReading(reading, rename, (value) => value) };
  }
  if (probed.kind === 'clock') {
    const { kind, request, reading } = probed;
    const named = { ...request, to: rename(request.to) };
    return { kind, request: named, reading: renameReading(reading, rename, (value) => value) };
  }
  if (probed.kind === 'pods') {
    const { kind, request, reading } = probed;
    const named = { ...request, machine: rename(request.machine) };
    return { kind, request: named, reading: renameReading(reading, rename, (value) => value) };
  }
  if (probed.kind === 'pod-way') {
    const { kind, request, reading } = probed;
    return { kind, request: renamePodWay(request, rename), reading: renameReading(reading, rename, renameWays) };
  }
  const { kind, request, reading } = probed;
  return { kind, request: renameKnock(request, rename), reading: renameReading(reading, rename, renameEndpoint) };
}

function renameWay<T extends { readonly from: string; readonly to: string }>(request: T, rename: Rename): T {
  return { ...request, from: rename(request.from), to: rename(request.to) };
}

function renameKnock(request: EndpointRequest, rename: Rename): EndpointRequest {
  const behind = request.behind.map((each) => ({ ...each, machine: rename(each.machine) }));
  return { ...request, from: rename(request.from), behind };
}

function renameReading<T>(
  reading: { readonly value: T } | Extract<ProbeReading, { unread: unknown }>,
  rename: Rename,
  inside: (value: T, rename: Rename) => T,
) {
  return 'value' in reading
    ? { value: inside(reading.value, rename) }
    : { ...reading, machine: rename(reading.machine) };
}

function renamePodWay(request: PodWayRequest, rename: Rename): PodWayRequest {
  const place = ({ machine, pod }: Place) => ({ machine: rename(machine), pod });
  return { ...request, from: place(request.from), to: place(request.to) };
}

function renameReaches({ reaches, bulk }: ReachResult, rename: Rename): ReachResult {
  return { reaches: reaches.map((reach) => renameReach(reach, rename)), bulk };
}

function renameReach(reach: Reach, rename: Rename): Reach {
  const { sender } = reach;
  return { ...reach, sender: { ...sender, answeredBy: renameOrNull(sender.answeredBy, rename) } };
}

function renameWays({ ways }: PodWayResult, rename: Rename): PodWayResult {
  return {
    ways: ways.map((way) => ({ ...way, tcp: renameReach(way.tcp, rename), udp: renameReach(way.udp, rename) })),
  };
}

function renameEndpoint({ sender, arrivedAt }: EndpointResult, rename: Rename): EndpointResult {
  return {
    sender: { ...sender, answeredBy: renameOrNull(sender.answeredBy, rename) },
    arrivedAt: arrivedAt.map(rename),
  };
}

function renameOrNull(machine: string | null, rename: Rename): string | null {
  return machine === null ? null : rename(machine);
}

/** The machines without which a request cannot be met. */
export function machinesOf(request: ProbeRequest): string[] {
  if (request.kind === 'clock') return [request.to];
  if (request.kind === 'pods') return [request.machine];
  if (request.kind === 'pod-way') return [...new Set([request.from.machine, request.to.machine])];
  return request.kind === 'endpoint' ? [request.from] : [request.from, request.to];
}
