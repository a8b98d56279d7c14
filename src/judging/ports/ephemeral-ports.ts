import type { Facts } from '../../evidence/facts.ts';
import type { Reading } from '../../evidence/reading.ts';
import { possiblePorts } from '../../kubernetes/needed-ports.ts';
import type { Settings } from '../../plan/settings.ts';
import {
  formatPortRange,
  parsePortRange,
  portsOf,
  subtract,
  toRanges,
  type PortRange,
} from '../../values/port-range.ts';
import { commandsToSet } from '../kernel/sysctl-settings.ts';

/** The ports that the kernel gives to outgoing connections: https://docs.kernel.org/networking/ip-sysctl.html */
export interface EphemeralPorts {
  readonly range: PortRange;
  readonly reserved: readonly PortRange[];
  /** What is left of the range. */
  readonly given: readonly PortRange[];
}

const RANGE = 'net/ipv4/ip_local_port_range';
const RESERVED = 'net/ipv4/ip_local_reserved_ports';

/** Null when the kernel does not show it. IPv6 goes by the same range. */
export function ephemeralPorts({ values, denied }: Facts['sysctls']): EphemeralPorts | null {
  const range = parsePortRange((values[RANGE] ?? '').trim().replace(/\s+/, '-'));
  if (range === null || denied.includes(RESERVED)) return null;
  const parts = (values[RESERVED] ?? '').split(',').map((part) => part.trim());
  const reserved = parts.flatMap((part) => parsePortRange(part) ?? []);
  return { range, reserved, given: subtract(range, reserved) };
}

/** Commands that keep every port of Kubernetes out of it, and what was kept out before. */
export function commandsToReserve(
  { range, reserved }: EphemeralPorts,
  plan: Settings,
  files: Reading<Facts['sysctlFiles']>,
): string[] {
  const inside = (port: number) => port >= range.first && port <= range.last;
  const ports = [
    ...portsOf(reserved),
    ...portsOf([plan.nodePortRange]).filter(inside),
    ...possiblePorts(plan).flatMap(({ port }) => (inside(port) ? [port] : [])),
  ];
  return commandsToSet({ [RESERVED]: toRanges(ports).map(formatPortRange).join(',') }, files);
}
