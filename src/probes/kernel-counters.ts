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
  readonly cookiesSent: number;
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
  const connections = {
    embryonicResets: tcp.get('EmbryonicRsts') ?? 0,
    listenDrops: tcp.get('ListenDrops') ?? 0,
    cookiesSent: tcp.get('SyncookiesSent') ?? 0,
  };
  return {
    4: { ...packets(parsePairedLines(snmp, 'Ip'), ''), ...connections },
    6: snmp6 === null ? null : { ...packets(parseNamedLines(snmp6), 'Ip6'), ...connections },
  };
}

function packets(counters: ReadonlyMap<string, number>, prefix: string) {
  return {
    inReceives: counters.get(`${prefix}InReceives`) ?? 0,
    inDelivers: counters.get(`${prefix}InDelivers`) ?? 0,
    outRequests: counters.get(`${prefix}OutRequests`) ?? 0,
    outTransmits: counters.get(`${prefix}OutTransmits`) ?? null,
  };
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
