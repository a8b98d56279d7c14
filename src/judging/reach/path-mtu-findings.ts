import type { PathMtuRequest, PathMtuResult, Probed } from '../../evidence/probes.ts';
import type { Settings } from '../../plan/settings.ts';
import { parseIp, type Family } from '../../values/ip.ts';
import { opensNodePorts } from './opened-node-ports.ts';
import { interfaceOf, interfaceTowards, mtuAdvice, podPackets, type MtuNode } from './pod-packets.ts';

export type Measured = Extract<Probed, { kind: 'path-mtu' }>;

/** What packets of each size between two nodes say. */
export function pathMtuFindings(nodes: readonly MtuNode[], measured: readonly Measured[], plan: Settings) {
  const byName = new Map(nodes.map((each) => [each.node.name, each]));
  const least = { 4: narrowest(measured, 4), 6: narrowest(measured, 6) };
  return measured.flatMap(({ request, reading }) => {
    const [from, to] = [byName.get(request.from), byName.get(request.to)];
    const family = parseIp(request.address)?.family ?? 4;
    const base = { nodes: [request.from, request.to], subject: `IPv${family} path` };
    const untold = (reason: 'peer-unreachable' | 'undecided' | 'no-answer', why: string) => ({
      ...base,
      reason,
      message: `How large packets from ${request.from} to ${request.to} may be was not measured: ${why}`,
    });
    // Of machines that were in no run together the engine tells.
    if (!('value' in reading)) return reading.unread === 'no-peers' ? [] : untold(reading.unread, reading.detail);
    if (from === undefined || to === undefined) return untold('undecided', 'one of the two is not known.');
    const path = resultOf(reading);
    if (path === null) {
      const { port, detail } = reading.value;
      if (port === null && !opensNodePorts(to.node, plan)) return { ...base, ...notOpen(request) };
      return untold('no-answer', detail ?? 'no port answered.');
    }
    return { ...base, ...judgePath({ from, to, request, path, family, narrowest: least[family], plan }) };
  });
}

interface Path extends PathMtuResult {
  readonly mtu: number;
  readonly beyond: NonNullable<PathMtuResult['beyond']>;
}

/** Null when the path was not measured. */
export function resultOf(reading: Measured['reading']): Path | null {
  if (!('value' in reading)) return null;
  const { mtu, beyond } = reading.value;
  return mtu === null || beyond === null ? null : { ...reading.value, mtu, beyond };
}

/** The MTU of the pod network is one for the cluster: it goes by the narrowest path that was met. */
function narrowest(measured: readonly Measured[], family: Family): number {
  return Math.min(
    ...measured.flatMap(({ request, reading }) =>
      parseIp(request.address)?.family === family ? (resultOf(reading)?.mtu ?? []) : [],
    ),
  );
}

function notOpen({ from, to }: PathMtuRequest) {
  return {
    reason: 'not-open' as const,
    message: `${to} has joined, so no port is opened there that could answer ${from}. \`--only network/mtu --only ports/node-ports-reachable\` opens NodePorts.`,
  };
}

interface PathCase {
  readonly from: MtuNode;
  readonly to: MtuNode;
  readonly request: PathMtuRequest;
  readonly path: Path;
  readonly family: Family;
  readonly narrowest: number;
  readonly plan: Settings;
}

function judgePath({ from, to, request, path, family, narrowest: least, plan }: PathCase) {
  const { mtu, beyond, ceiling, port, source } = path;
  const uplink = interfaceTowards(request.address, from.facts) ?? { name: 'its uplink', mtu: ceiling };
  const receiver = interfaceOf(to.facts.interfaces, request.address);
  const pods = podPackets({ name: uplink.name, mtu: ceiling }, family, from.facts, plan);
  const evidence = {
    from: { address: source, interface: uplink.name, mtu: uplink.mtu },
    to: { address: request.address, port, interface: receiver?.name ?? null, mtu: receiver?.mtu ?? null },
    pathMtu: mtu,
    tried: ceiling,
    beyond,
    podPackets: pods.wire,
    overhead: pods.overhead,
  };
  if (beyond === 'none-tried') {
    return {
      reason: 'carried' as const,
      message: `Packets of ${mtu} bytes, the MTU of ${uplink.name}, get whole from ${from.node.name} to ${to.node.name}.`,
      evidence,
    };
  }
  const way = `from ${from.node.name} to ${to.node.name}`;
  const remedy = {
    text: `${mtuAdvice(least, family, pods.overhead, plan)} ${beyond === 'black-hole' ? mendHole(uplink.name, from.node.name, mtu, receiver) : 'Or widen the path.'}`,
    commands: [`tracepath -n ${request.address}`],
  };
  if (beyond === 'black-hole') {
    return {
      reason: 'black-hole' as const,
      message: `Packets of more than ${mtu} bytes vanish ${way}, and nobody tells the sender: ${uplink.name} sends up to ${ceiling}.`,
      why: 'Connections open and small requests work; large answers, images and certificates hang until they time out.',
      expected: `${ceiling} bytes, or word that they are too many`,
      actual: `${mtu} bytes, and silence beyond`,
      evidence,
      remedy,
    };
  }
  if (pods.wire <= mtu) {
    return {
      reason: 'carried' as const,
      message: `The path ${way} carries ${mtu} bytes of the ${ceiling} of ${uplink.name}, and says so; that is enough for pods: ${pods.says}.`,
      evidence,
    };
  }
  return {
    reason: 'too-small' as const,
    message: `The path ${way} carries packets of ${mtu} bytes, and ${pods.says}.`,
    why: 'Nodes are told and send smaller packets. Those of pods go in fragments, or are lost: small requests work and large answers hang.',
    expected: `at most ${mtu} bytes, ${mtu - pods.overhead} of them for pods`,
    actual: `up to ${pods.wire} bytes`,
    evidence,
    remedy,
  };
}

function mendHole(name: string, node: string, mtu: number, receiver: { name: string; mtu: number } | null): string {
  const theirs =
    receiver !== null && receiver.mtu <= mtu ? ` (${receiver.name} of the receiver takes ${receiver.mtu})` : '';
  return `Nodes need it too: give ${name} of ${node} an MTU of ${mtu} where this system configures its network, widen the path${theirs}, or let “fragmentation needed” (ICMP type 3 code 4) and “packet too big” (ICMPv6 type 2) pass every firewall between the two.`;
}
