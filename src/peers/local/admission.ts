import type { SavedPlan } from '../../evidence/schema.ts';
import { addOns } from '../../kubernetes/add-ons.ts';
import { portOf } from '../../kubernetes/needed-ports.ts';
import { COMPONENT_PORTS } from '../../kubernetes/ports.ts';
import type { Settings } from '../../plan/settings.ts';
import { canonicalIp, isLoopback, isWildcard, parseIp } from '../../values/ip.ts';
import { intersect, subtract, type PortRange } from '../../values/port-range.ts';
import type { Opening } from '../messages/protocol.ts';

/** What the ports of a run go by. */
export interface Plans {
  /** What is said where the run is conducted. */
  readonly asked: SavedPlan;
  /** This machine's own settings. */
  readonly own: Settings;
}

/** What a peer goes by when it is asked to open ports. */
export interface Grounds extends Plans {
  /** All addresses of this machine's interfaces. */
  readonly addresses: readonly string[];
  /** Addresses by which the run knows this machine: loopback is opened only when it is one of them. */
  readonly known: readonly string[];
}

/** Ports of a component or add-on, which a node that has joined needs for itself; or NodePorts. */
export type Catalogued = 'component' | 'node-port';

/** A part of a range: of the catalogue, or refused with one sentence. */
export type Admitted =
  { readonly ports: PortRange; readonly kind: Catalogued } | { readonly ports: PortRange; readonly refusal: string };

/** Programs of the system live below, and a NodePort never does unless somebody says so here. */
const FIRST_UNPRIVILEGED = 1024;
/** The one port below that API servers are known to be given. */
const HTTPS = 443;

/** The parts of an opening in ascending order; together they are the whole of it. */
export function admit({ protocol, address, ports }: Opening, grounds: Grounds): Admitted[] {
  const refusal = addressRefusal(address, grounds);
  return refusal === null ? catalogued(protocol, ports, grounds) : [{ ports, refusal }];
}

/** The parts of a range of ports, whosever they are. */
export function catalogued(protocol: 'tcp' | 'udp', ports: PortRange, plans: Plans): Admitted[] {
  const local = ranges(loopbackPorts(protocol)).flatMap((each) => intersect(ports, each) ?? []);
  const components = ranges(componentPorts(protocol, plans))
    .flatMap((each) => intersect(ports, each) ?? [])
    .flatMap((each) => subtract(each, local));
  const others = subtract(ports, [...local, ...components]);
  const nodePorts = others.flatMap((part) =>
    nodePortRanges(plans).flatMap((range, index, all) =>
      subtract(range, all.slice(0, index)).flatMap((each) => intersect(part, each) ?? []),
    ),
  );
  const rest = subtract(ports, [...local, ...components, ...nodePorts]);
  // Ports that no other node connects to are a component's too, where a NodePort range is said to cover them.
  const own = ranges(COMPONENT_PORTS.filter((row) => row.protocol === protocol).map(({ port }) => port));
  const covered = nodePorts.flatMap((part) => own.flatMap((each) => intersect(part, each) ?? []));
  return [
    ...[...components, ...covered].map((part) => ({ ports: part, kind: 'component' as const })),
    ...nodePorts.flatMap((part) => subtract(part, own)).map((part) => ({ ports: part, kind: 'node-port' as const })),
    ...local.map((part) => ({
      ports: part,
      refusal: 'a component listens there on loopback, and no other node connects to it',
    })),
    ...rest.map((part) => ({
      ports: part,
      refusal: isRefusedApiServer(protocol, part, plans)
        ? 'below 1024 an API server gets 443 here, or the port that this machine itself was told (--api-server-port)'
        : 'no component, network add-on or NodePort range of the plan uses this port',
    })),
  ].sort((a, b) => a.ports.first - b.ports.first);
}

function addressRefusal(address: string, { addresses, known }: Grounds): string | null {
  const ip = parseIp(address);
  if (ip === null || isWildcard(ip)) return 'listeners are opened on addresses of their own, never on all';
  const has = (list: readonly string[]) => list.some((each) => canonicalIp(each) === canonicalIp(address));
  // All of 127.0.0.0/8 is this machine's own, whatever its interface says.
  if (isLoopback(ip)) return has(known) ? null : 'loopback is no address that another node could reach';
  return has(addresses) ? null : 'this machine has no such address';
}

/** Ports that components have on loopback alone: a listener on any address could keep one of them from starting. */
function loopbackPorts(protocol: 'tcp' | 'udp'): number[] {
  return COMPONENT_PORTS.filter(
    (row) => row.protocol === protocol && row.bind.every((bind) => bind === 'loopback'),
  ).map(({ port }) => port);
}

/** Ports that other nodes connect to, under either plan. */
function componentPorts(protocol: 'tcp' | 'udp', saying: Plans): number[] {
  const { asked, own } = saying;
  const plans = [
    own,
    { ...own, apiServerPort: isFit(asked.apiServerPort, saying) ? asked.apiServerPort : own.apiServerPort },
  ];
  const components = COMPONENT_PORTS.filter((row) => row.from.length > 0 && row.protocol === protocol);
  const named = [own.cni, asked.cni ?? null].flatMap((name) =>
    name !== null && Object.hasOwn(addOns, name) ? (addOns[name]?.ports ?? []) : [],
  );
  return [
    ...plans.flatMap((plan) => components.map((row) => portOf(row, plan))),
    ...named.filter((port) => port.protocol === protocol && port.bind !== 'loopback').map(({ port }) => port),
  ];
}

/** Whether an API server may be there because the run says so. */
function isFit(port: number | undefined, { own }: Plans): port is number {
  return port !== undefined && (port >= FIRST_UNPRIVILEGED || port === HTTPS || port === own.apiServerPort);
}

function isRefusedApiServer(protocol: 'tcp' | 'udp', { first, last }: PortRange, plans: Plans): boolean {
  const port = plans.asked.apiServerPort;
  return protocol === 'tcp' && port !== undefined && first <= port && port <= last && !isFit(port, plans);
}

function nodePortRanges({ asked, own }: Plans): PortRange[] {
  const range = asked.nodePortRange;
  const above = range === undefined ? null : intersect(range, { first: FIRST_UNPRIVILEGED, last: 65_535 });
  return above === null ? [own.nodePortRange] : [own.nodePortRange, above];
}

function ranges(ports: readonly number[]): PortRange[] {
  return [...new Set(ports)].sort((a, b) => a - b).map((port) => ({ first: port, last: port }));
}
