import type { System } from '../system/system.ts';

/** What the kernel counts of its network namespace; null where it does not have it. */
export interface KernelCounters {
  /** Packets that came in, and those of them that were for this machine and not lost on the way in. */
  readonly inReceives: number;
  readonly inDelivers: number;
  /** Packets that this machine wanted to send, and those that left (Linux 6.6 and newer). */
  readonly outRequests: number;
  readonly outTransmits: number | null;
  /** Connections that were half-open and reset, and those that a full queue did not take. Of both families together. */
  readonly embryonicResets: number;
  readonly listenDrops: number;
  /** Third packets of a handshake that a listener with TCP_DEFER_ACCEPT lets wait for data. */
  readonly deferred: number;
  readonly cookiesSent: number;
  /** Repeated packets of connections that this machine's own rules or routes did not let out. */
  readonly retransmitFailures: number | null;
  /** ICMP errors (destination unreachable) that were sent, and those that the kernel's limits held back (Linux 6.0 and newer). */
  readonly refusals: number | null;
  /** Packets for other machines: handed on; not, because forwarding is off or the address cannot be; without a route. */
  readonly forwarded: number;
  readonly addressErrors: number;
  readonly noRoutes: number;
  /** Packets that came in where their answer would not go out. IPv6 has no such filter. */
  readonly reversePathFiltered: number | null;
}

/** Tables of fields by name: https://docs.kernel.org/networking/snmp_counter.html */
export async function readKernelCounters(
  system: System,
): Promise<{ readonly 4: KernelCounters; readonly 6: KernelCounters | null }> {
  const [snmp, netstat, snmp6] = await Promise.all([
    system.readText('/proc/net/snmp'),
    system.readText('/proc/net/netstat'),
    system.readTextIfThere('/proc/net/snmp6'),
  ]);
  const tcp = parsePairedLines(netstat, 'TcpExt');
  const ip = parsePairedLines(snmp, 'Ip');
  const named = snmp6 === null ? null : parseNamedLines(snmp6);
  const connections = {
    embryonicResets: tcp.get('EmbryonicRsts') ?? 0,
    listenDrops: tcp.get('ListenDrops') ?? 0,
    deferred: tcp.get('TCPDeferAcceptDrop') ?? 0,
    cookiesSent: tcp.get('SyncookiesSent') ?? 0,
    retransmitFailures: tcp.get('TCPRetransFail') ?? null,
  };
  return {
    4: {
      ...packets(ip, ''),
      ...connections,
      refusals: refusals(parsePairedLines(snmp, 'Icmp'), ''),
      forwarded: ip.get('ForwDatagrams') ?? 0,
      noRoutes: (ip.get('OutNoRoutes') ?? 0) + (parsePairedLines(netstat, 'IpExt').get('InNoRoutes') ?? 0),
      reversePathFiltered: tcp.get('IPReversePathFilter') ?? null,
    },
    6:
      named === null
        ? null
        : {
            ...packets(named, 'Ip6'),
            ...connections,
            refusals: refusals(named, 'Icmp6'),
            forwarded: named.get('Ip6OutForwDatagrams') ?? 0,
            noRoutes: (named.get('Ip6OutNoRoutes') ?? 0) + (named.get('Ip6InNoRoutes') ?? 0),
            reversePathFiltered: null,
          },
  };
}

function packets(counters: ReadonlyMap<string, number>, prefix: string) {
  return {
    inReceives: counters.get(`${prefix}InReceives`) ?? 0,
    inDelivers: counters.get(`${prefix}InDelivers`) ?? 0,
    outRequests: counters.get(`${prefix}OutRequests`) ?? 0,
    outTransmits: counters.get(`${prefix}OutTransmits`) ?? null,
    addressErrors: counters.get(`${prefix}InAddrErrors`) ?? 0,
  };
}

function refusals(counters: ReadonlyMap<string, number>, prefix: string): number | null {
  const held = counters.get(`${prefix}OutRateLimitHost`);
  if (held === undefined) return null;
  return held + (counters.get(`${prefix}OutRateLimitGlobal`) ?? 0) + (counters.get(`${prefix}OutDestUnreachs`) ?? 0);
}

/** snmp and netstat: a line of names and a line of values, both beginning with the group. */
export function parsePairedLines(text: string, group: string): Map<string, number> {
  const [names = [], values = []] = text
    .split('\n')
    .filter((line) => line.startsWith(`${group}: `))
    .map((line) => line.split(' ').slice(1));
  return new Map(names.flatMap((name, index) => pair(name, values[index])));
}

/** snmp6: a name and a value on each line. */
export function parseNamedLines(text: string): Map<string, number> {
  return new Map(
    text.split('\n').flatMap((line) => {
      const [name = '', value] = line.split(/\s+/);
      return pair(name, value);
    }),
  );
}

function pair(name: string, value: string | undefined): [string, number][] {
  return value !== undefined && /^-?\d+$/.test(value) ? [[name, Number(value)]] : [];
}
