import type { EndpointRequest, EndpointResult, PathMtuRequest, PathMtuResult } from '../../evidence/probes.ts';
import type { Members } from './members.ts';
import type { Openings, Wanted } from './openings.ts';

/** Ports that a path MTU is measured with. */
export function portsOfPathMtu({ to, address, ports }: PathMtuRequest): Wanted[] {
  return ports.map((port) => ({
    machine: to,
    opening: { protocol: 'udp', address, ports: { first: port, last: port } },
  }));
}

/** Null when the sender could not be asked. */
export async function measure(
  members: Members,
  run: string,
  request: PathMtuRequest,
  openings: Openings,
  silenceMs: number,
): Promise<PathMtuResult | null> {
  const { from, to, address, ceiling } = request;
  const isOurs = (port: number) =>
    openings
      .of(to, { protocol: 'udp', address, ports: { first: port, last: port } })
      .some(({ listener }) => listener === 'ours');
  const ports = request.ports.filter(isOurs);
  if (ports.length === 0)
    return {
      port: null,
      mtu: null,
      beyond: null,
      ceiling,
      source: null,
      detail: 'the peer could open none of the ports that it is measured with',
    };
  const job = { kind: 'path-mtu', to, address, ports, ceiling } as const;
  const answer = await members.call(from, 'send', { run, jobs: [job], inFlight: 64, silenceMs });
  const [result] = answer?.results ?? [];
  return result?.kind === 'path-mtu' ? result.found : null;
}

/** Ports behind an endpoint. */
export function portsBehind({ behind }: EndpointRequest): Wanted[] {
  return behind.map(({ machine, address, port }) => ({
    machine,
    opening: { protocol: 'tcp', address, ports: { first: port, last: port } },
  }));
}

/** Which of those that listen behind an endpoint gets the connection; null when the sender could not be asked. */
export async function knock(
  members: Members,
  run: string,
  request: EndpointRequest,
  silenceMs: number,
): Promise<EndpointResult | null> {
  const { from, address, port, behind } = request;
  const answer = await members.call(from, 'send', {
    run,
    jobs: [{ kind: 'endpoint', address, port, behind: behind[0]?.port ?? port }],
    inFlight: 1,
    silenceMs,
  });
  const [result] = answer?.results ?? [];
  const seen = result?.kind === 'reach' ? result.reaches[0] : undefined;
  if (seen === undefined) return null;
  const arrivedAt: string[] = [];
  for (const each of behind) {
    const ports = [{ protocol: 'tcp' as const, ports: { first: each.port, last: each.port } }];
    const sight = await members.call(each.machine, 'look', { run, from, ports, connections: false });
    if ((sight?.arrivals ?? []).some(({ arrived }) => arrived > 0)) arrivedAt.push(each.machine);
  }
  return { sender: seen.saw, arrivedAt };
}
