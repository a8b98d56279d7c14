import type { Probed, ProbeReading, ProbeRequest } from './probes.ts';

/** A request of which nothing is known, with why. */
export function unreadProbe(request: ProbeRequest, reading: Extract<ProbeReading, { unread: unknown }>): Probed {
  if (request.kind === 'tcp') return { kind: request.kind, request, reading };
  if (request.kind === 'udp') return { kind: request.kind, request, reading };
  if (request.kind === 'path-mtu') return { kind: request.kind, request, reading };
  if (request.kind === 'clock') return { kind: request.kind, request, reading };
  if (request.kind === 'endpoint') return { kind: request.kind, request, reading };
  if (request.kind === 'pods') return { kind: request.kind, request, reading };
  return { kind: request.kind, request, reading };
}
