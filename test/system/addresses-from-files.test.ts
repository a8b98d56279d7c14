import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ipv4Addresses, ipv6Addresses } from '../../src/system/addresses-from-files.ts';
import { formatIp } from '../../src/values/ip.ts';

const HEADING = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n';
const row = (name: string, destination: string, gateway: string, mask: string) =>
  `${name}\t${destination}\t${gateway}\t0003\t0\t0\t0\t${mask}\t0\t0\t0\n`;
const leaf = (address: string) => `              |-- ${address}\n                 /32 host LOCAL\n`;

/** What a node recorded, and what `ip -j addr` said there. */
const ROUTE =
  HEADING +
  row('eth0', '00000000', 'FE00500A', '00000000') +
  row('eth0', '0000500A', '00000000', '00FFFFFF') +
  row('eth0', '0000F50A', '0200500A', '00FFFFFF') +
  row('cni0', '0002F50A', '00000000', '00FFFFFF');
const TRIE = `Main:
  +-- 0.0.0.0/1 2 0 2
     +-- 0.0.0.0/4 2 0 2
        |-- 0.0.0.0
           /0 universe UNICAST
        +-- 10.0.0.0/8 2 0 2
              +-- 10.80.0.0/31 1 0 0
                 |-- 10.80.0.0
                    /24 link UNICAST
                 |-- 10.80.0.1
                    /32 host LOCAL
              |-- 10.80.0.255
                 /32 link BROADCAST
              |-- 10.245.0.0
                 /24 universe UNICAST
                 |-- 10.245.2.1
                    /32 host LOCAL
     +-- 127.0.0.0/8 2 0 2
           |-- 127.0.0.0
              /8 host LOCAL
           |-- 127.0.0.1
              /32 host LOCAL
Local:
${leaf('10.80.0.1')}`;

test('IPv4 addresses of a recorded node, as ip addr told them', () => {
  expect(ipv4Addresses(TRIE, ROUTE)).toEqual([
    { name: 'eth0', prefix: 24, address: '10.80.0.1', family: 4 },
    { name: 'cni0', prefix: 24, address: '10.245.2.1', family: 4 },
    { name: 'lo', prefix: 8, address: '127.0.0.1', family: 4 },
  ]);
});

test('IPv6 addresses of a recorded node, as ip addr told them', () => {
  const inet6 =
    '00000000000000000000000000000001 01 80 10 80       lo\nfe80000000000000c4344dfffe758d3c 03 40 20 80     cni0\n';
  expect(ipv6Addresses(inet6)).toEqual([
    { name: 'lo', address: '::1', prefix: 128, family: 6 },
    { name: 'cni0', address: 'fe80::c434:4dff:fe75:8d3c', prefix: 64, family: 6 },
  ]);
});

test('a /32 as clouds give it belongs to the uplink, whose gateway has a host route', () => {
  const route =
    HEADING + row('ens4', '00000000', '0100800A', '00000000') + row('ens4', '0100800A', '00000000', 'FFFFFFFF');
  expect(ipv4Addresses(leaf('10.128.0.2'), route)).toEqual([
    { name: 'ens4', prefix: 32, address: '10.128.0.2', family: 4 },
  ]);
  // Of two nobody can say which.
  expect(ipv4Addresses(leaf('10.128.0.2') + leaf('10.244.0.0'), route)).toEqual([]);
});

test('each local address in a connected network is given to its interface', () => {
  const address = fc.tuple(
    fc.integer({ min: 1, max: 126 }),
    fc.nat({ max: 255 }),
    fc.nat({ max: 255 }),
    fc.integer({ min: 1, max: 254 }),
  );
  fc.assert(
    fc.property(fc.uniqueArray(address, { selector: ([a, b, c]) => `${a}.${b}.${c}`, maxLength: 20 }), (list) => {
      const route = list.map(([a, b, c], index) => {
        const destination = Buffer.from([0, c, b, a]).toString('hex').toUpperCase();
        return row(`eth${index}`, destination, '00000000', '00FFFFFF');
      });
      const trie = list.map((parts) => leaf(parts.join('.')));
      expect(ipv4Addresses(trie.join(''), HEADING + route.join(''))).toEqual(
        list.map((parts, index) => ({ name: `eth${index}`, prefix: 24, address: parts.join('.'), family: 4 })),
      );
    }),
  );
});

test('no text makes it throw', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom(TRIE, ROUTE, '|-- 1.2.3.4\n/32 host LOCAL', 'zz '.repeat(9)),
  );
  fc.assert(
    fc.property(text, text, (a, b) => {
      expect(() => [ipv4Addresses(a, b), ipv6Addresses(a)]).not.toThrow();
    }),
  );
});

test('any IPv6 address is read back', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }), fc.nat({ max: 128 }), (bits, prefix) => {
      const line = `${bits.toString(16).padStart(32, '0')} 02 ${prefix.toString(16).padStart(2, '0')} 00 80 eth0\n`;
      expect(ipv6Addresses(line)).toEqual([
        { name: 'eth0', address: formatIp({ family: 6, bits }), prefix, family: 6 },
      ]);
    }),
  );
});
