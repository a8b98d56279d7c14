import type { EndpointResult, ProbeReading, ProbeRequest, Probed, ReachResult } from '../evidence/probes.ts';

/** What a machine is called instead. */
type Rename = (machine: string) => string;

/** The same request about machines of other names. */
export function renameRequest(request: ProbeRequest, rename: Rename): ProbeRequest {
  switch (request.kind) {
    case 'clock':
      return { ...request, to: rename(request.to) };
    case 'endpoint':
      return {
        ...request,
        from: rename(request.from),
        behind: request.behind.map((each) => ({ ...each, machine: rename(each.machine) })),
      };
    case 'tcp':
    case 'udp':
    case 'path-mtu':
      return { ...request, from: rename(request.from), to: rename(request.to) };
  }
}

/** The same packets between machines of other names. */
export function renameProbed(probed: Probed, rename: Rename): Probed {
  switch (probed.kind) {
    case 'tcp': {
      const { kind, request, reading } = probed;
      return {
        kind,
        request: { ...request, from: rename(request.from), to: rename(request.to) },
        reading: renameReading(reading, rename, renameReach),
      };
    }
    case 'udp': {
      const { kind, request, reading } = probed;
      return {
        kind,
        request: { ...request, from: rename(request.from), to: rename(request.to) },
        reading: renameReading(reading, rename, renameReach),
      };
    }
    case 'path-mtu': {
      const { kind, request, reading } = probed;
      return {
        kind,
        request: { ...request, from: rename(request.from), to: rename(request.to) },
        reading: renameReading(reading, rename, (value) => value),
      };
    }
    case 'clock': {
      const { kind, request, reading } = probed;
      return {
        kind,
        request: { ...request, to: rename(request.to) },
        reading: renameReading(reading, rename, (value) => value),
      };
    }
    case 'endpoint': {
      const { kind, request, reading } = probed;
      const behind = request.behind.map((each) => ({ ...each, machine: rename(each.machine) }));
      return {
        kind,
        request: { ...request, from: rename(request.from), behind },
        reading: renameReading(reading, rename, renameEndpoint),
      };
    }
  }
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
