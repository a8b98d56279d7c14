import type { TcpRequest, UdpRequest } from '../../evidence/probes.ts';
import { lengthOf, type PortRange } from '../../values/port-range.ts';
import type { Limits, Opening } from '../messages/protocol.ts';

/** What is probed at one go: a request, or a part of its ports. */
export interface Piece {
  readonly request: TcpRequest | UdpRequest;
  readonly ports: PortRange;
}

/** Pieces whose listeners are open at the same time. */
export type Wave = readonly Piece[];

/** A range this long is a sweep: it is probed after what the roles need, where not all of it can be open at once. */
const SWEEP_PORTS = 256;
/** So many machines are swept at a time: each holds thousands of listeners meanwhile. */
const SWEPT_AT_ONCE = 4;
/** Fewer ports at a time than this would take longer than it is worth. */
const SMALLEST_WINDOW = 64;

/**
 * Requests in waves that fit the limits of every machine. What the roles need comes first; with few machines the first window of the sweeps
 * goes along with it.
 */
export function wavesOf(
  requests: readonly (TcpRequest | UdpRequest)[],
  limitsOf: (machine: string) => Limits | null,
): Wave[] {
  const pieces = requests.map((request): Piece => ({ request, ports: request.ports }));
  const small = pieces.filter(({ ports }) => lengthOf(ports) < SWEEP_PORTS);
  const sweeps = pieces.filter((piece) => !small.includes(piece));
  const receivers = [...new Set(sweeps.map(({ request }) => request.to))];
  const groups = Array.from({ length: Math.ceil(receivers.length / SWEPT_AT_ONCE) }, (_, index) =>
    receivers.slice(index * SWEPT_AT_ONCE, (index + 1) * SWEPT_AT_ONCE),
  );
  const waves = groups.flatMap((group) =>
    windowsOf(
      sweeps.filter(({ request }) => group.includes(request.to)),
      limitsOf,
    ),
  );
  const [first, ...rest] = waves;
  if (first === undefined) return small.length === 0 ? [] : [small];
  return receivers.length <= SWEPT_AT_ONCE || small.length === 0
    ? [[...small, ...first], ...rest]
    : [small, first, ...rest];
}

/** The same ports of all of them, so many at a time as every machine has sockets for: its listeners, and its connects that hear nothing. */
function windowsOf(sweeps: readonly Piece[], limitsOf: (machine: string) => Limits | null): Wave[] {
  const machines = [...new Set(sweeps.flatMap(({ request }) => [request.from, request.to]))];
  const window = Math.min(...machines.map((machine) => roomOf(machine, sweeps, limitsOf(machine))));
  const size = Math.max(SMALLEST_WINDOW, window);
  const windows = new Map<number, Piece[]>();
  for (const { request, ports } of sweeps) {
    for (let first = ports.first, index = 0; first <= ports.last; first += size, index++) {
      const piece = { request, ports: { first, last: Math.min(ports.last, first + size - 1) } };
      windows.set(index, [...(windows.get(index) ?? []), piece]);
    }
  }
  return [...windows.values()];
}

function roomOf(machine: string, sweeps: readonly Piece[], limits: Limits | null): number {
  if (limits === null) return SMALLEST_WINDOW;
  const key = ({ protocol, address }: { protocol: string; address: string }) => `${protocol} ${address}`;
  const opened = new Set(
    sweeps
      .filter(({ request }) => request.to === machine)
      .map(({ request }) => key(openingOf({ request, ports: request.ports }))),
  );
  const connecting = sweeps.filter(({ request }) => request.from === machine && request.kind === 'tcp');
  const sockets = opened.size + connecting.length;
  const involved = sweeps.filter(({ request }) => request.from === machine || request.to === machine).length;
  const tracked = limits.tracked === null ? Infinity : limits.tracked / 2 / Math.max(1, involved);
  return Math.floor(Math.min(limits.sockets / Math.max(1, sockets), tracked));
}

export function openingOf({ request, ports }: Piece): Opening {
  return { protocol: request.kind, address: request.address, ports };
}
