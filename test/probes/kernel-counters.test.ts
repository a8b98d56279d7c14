import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseNamedLines, parsePairedLines, readKernelCounters } from '../../src/probes/kernel-counters.ts';
import { rootedSystem } from '../../src/system/rooted.ts';
import { liveSystem } from '../../src/system/live.ts';
import { withDirectory } from '../hosts/directory.ts';

const SNMP = `Ip: Forwarding DefaultTTL InReceives InHdrErrors InAddrErrors ForwDatagrams InDelivers OutRequests OutNoRoutes OutTransmits
Ip: 2 64 95258 0 7 8 95250 76481 9 76480
Icmp: OutErrors OutRateLimitGlobal OutRateLimitHost OutDestUnreachs
Icmp: 0 1 20 300
`;
const NETSTAT = `TcpExt: SyncookiesSent SyncookiesRecv EmbryonicRsts ListenDrops IPReversePathFilter
TcpExt: 4 0 5 6 13
IpExt: InNoRoutes
IpExt: 2
`;
const SNMP6 = `Ip6InReceives                   	12
Ip6InDelivers\t11
Ip6OutRequests 10
Ip6OutTransmits 9
Ip6InAddrErrors 3
Ip6OutForwDatagrams 4
Ip6InNoRoutes 5
Ip6OutNoRoutes 6
`;

test('counters of both families', async () => {
  const files = {
    'proc/net/snmp': SNMP,
    'proc/net/netstat': NETSTAT,
    'proc/net/snmp6': SNMP6,
  };
  const connections = { embryonicResets: 5, listenDrops: 6, deferred: 0, cookiesSent: 4, retransmitFailures: null };
  await withDirectory(files, async (root) => {
    expect(await readKernelCounters(rootedSystem(root))).toEqual({
      4: {
        inReceives: 95_258,
        inDelivers: 95_250,
        outRequests: 76_481,
        outTransmits: 76_480,
        ...connections,
        refusals: 321,
        forwarded: 8,
        addressErrors: 7,
        noRoutes: 11,
        reversePathFiltered: 13,
      },
      6: {
        inReceives: 12,
        inDelivers: 11,
        outRequests: 10,
        outTransmits: 9,
        ...connections,
        refusals: null,
        forwarded: 4,
        addressErrors: 3,
        noRoutes: 11,
        reversePathFiltered: null,
      },
    });
  });
});

test('an older kernel does not count what leaves, and one without IPv6 has no such table', async () => {
  const files = { 'proc/net/snmp': SNMP.replaceAll(/ (?:OutTransmits|76480)/g, ''), 'proc/net/netstat': NETSTAT };
  await withDirectory(files, async (root) => {
    const counters = await readKernelCounters(rootedSystem(root));
    expect(counters[4].outTransmits).toBe(null);
    expect(counters[6]).toBe(null);
  });
});

test('this kernel has them', async () => {
  const counters = await readKernelCounters(liveSystem());
  expect(counters[4].outRequests).toBeGreaterThan(0);
});

test('lines that are printed are read back, and no text makes the parsers throw', () => {
  const name = fc.stringMatching(/^[A-Za-z0-9]{1,20}$/);
  const table = fc.uniqueArray(fc.tuple(name, fc.nat()), { selector: ([each]) => each, maxLength: 40 });
  fc.assert(
    fc.property(table, fc.string(), (rows, noise) => {
      const paired = `X: 1\nTcpExt: ${rows.map(([each]) => each).join(' ')}\nTcpExt: ${rows.map(([, value]) => value).join(' ')}\n`;
      expect(parsePairedLines(paired, 'TcpExt')).toEqual(new Map(rows));
      const named = rows.map(([each, value]) => `${each.padEnd(32)}\t${value}\n`).join('');
      expect(parseNamedLines(named)).toEqual(new Map(rows));
      expect(() => [
        parsePairedLines(noise, 'Ip'),
        parsePairedLines(`Ip: ${noise}`, 'Ip'),
        parseNamedLines(noise),
      ]).not.toThrow();
    }),
  );
});
