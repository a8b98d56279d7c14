import type {
  EndpointRequest,
  EndpointResult,
  ProbeReading,
  ProbeRequest,
  Probed,
  ReachResult,
} from '../evidence/probes.ts';

/** What a machine is called instead. */
type Rename = (machine: string) => string;

/** The same request about machines of other names. */
export function renameRequest(request: ProbeRequest, rename: Rename): ProbeRequest {
  if (request.kind === 'clock') return { ...request, to: rename(request.to) };
  if (request.kind === 'endpoint') return renameKnock(request, rename);
  return renameWay(request, rename);
}

/** The same packets between machines of other names. Kind by kind: a request and what came of it go together. */
export function renameProbed(probed: Probed, rename: Rename): Probed {
  if (probed.kind === 'tcp') {
    const { kind, request, reading } = probed;
    return { kind, request: renameWay(request, rename), reading: renameReading(reading, rename, renameReach) };
  }
  if (probed.kind === 'udp') {
    const { kind, request, reading } = probed;
    return { kind, request: renameWay(request, rename), reading: renameReading(reading, rename, renameReach) };
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

function renameReach({ reaches, bulk }: ReachResult, rename: Rename): ReachResult {
  return {
    reaches: reaches.map((reach) => ({
      ...reach,
      sender: { ...reach.sender, answeredBy: renameOrNull(reach.sender.answeredBy, rename) },
    })),
    bulk,
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
  return request.kind === 'endpoint' ? [request.from] : [request.from, request.to];
}
