import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { TCP_SYN_RECV, isListening, parseSocketTable } from '../../../src/facts/parts/socket-table.ts';
import { formatIp } from '../../../src/values/ip.ts';

const HEADER =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode                                                     \n';
const ROWS = `${HEADER}   0: 0100007F:094B 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1365729 1 00000000238f0546 100 0 0 10 0
   1: 0100500A:094C 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 1365725 1 0000000016b53dd0 100 0 0 10 0
  35: 0100007F:B9AC 0100007F:094B 06 00000000:00000000 03:00000711 00000000     0        0 0 3 00000000b4918624
`;
const ROWS6 = `${HEADER}   0: 00000000000000000000000000000000:280A 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1366823 2 0000000073b1ccb7 100 0 0 10 0
   1: 0000000000000000FFFF00000100007F:1F90 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 77 2 0000000073b1ccb7 100 0 0 10 0
`;
const UDP = `   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
 3850: 00000000:2118 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 22902 2 00000000c7dbea95 0
`;

const nobody = { remoteAddress: '0.0.0.0', remotePort: 0 };

test('rows of a real table', () => {
  expect(parseSocketTable(ROWS, 'tcp')).toEqual([
    { ...nobody, protocol: 'tcp', family: 4, address: '127.0.0.1', port: 2379, state: 10, uid: 0, inode: 1_365_729 },
    { ...nobody, protocol: 'tcp', family: 4, address: '10.80.0.1', port: 2380, state: 10, uid: 1000, inode: 1_365_725 },
    {
      protocol: 'tcp',
      family: 4,
      address: '127.0.0.1',
      port: 47_532,
      remoteAddress: '127.0.0.1',
      remotePort: 2379,
      state: 6,
      uid: 0,
      inode: 0,
    },
  ]);
  expect(parseSocketTable(ROWS6, 'tcp').map(({ address, port }) => [address, port])).toEqual([
    ['::', 10_250],
    ['::ffff:127.0.0.1', 8080],
  ]);
  expect(parseSocketTable(UDP, 'udp').map(({ port, inode }) => [port, inode])).toEqual([[8472, 22_902]]);
});

test('rows of one state, among them connections that are half-open', () => {
  const halfOpen = `   3: 0100500A:192B 0200500A:D431 03 00000000:00000000 01:00000063 00000001     0        0 0 1 0000000000000000
`;
  expect(parseSocketTable(ROWS + halfOpen, 'tcp', [TCP_SYN_RECV])).toEqual([
    {
      protocol: 'tcp',
      family: 4,
      address: '10.80.0.1',
      port: 6443,
      remoteAddress: '10.80.0.2',
      remotePort: 54_321,
      state: 3,
      uid: 0,
      inode: 0,
    },
  ]);
});

test('what listens', () => {
  expect(parseSocketTable(ROWS, 'tcp').map(isListening)).toEqual([true, true, false]);
  expect(parseSocketTable(UDP, 'udp').map(isListening)).toEqual([true]);
});

const wordsOf = (hex: string) =>
  (hex.match(/.{8}/g) ?? []).map((word) => Buffer.from(word, 'hex').swap32().toString('hex'));

const ipOf = (family: 4 | 6) =>
  fc.bigInt(0n, (1n << (family === 4 ? 32n : 128n)) - 1n).map((bits) => ({ family, bits }));

const row = fc.constantFrom(4 as const, 6 as const).chain((family) =>
  fc.record({
    ip: ipOf(family),
    remote: ipOf(family),
    port: fc.integer({ min: 0, max: 65_535 }),
    remotePort: fc.integer({ min: 0, max: 65_535 }),
    state: fc.integer({ min: 1, max: 12 }),
    uid: fc.integer({ min: 0, max: 0xff_ff_ff_ff }),
    inode: fc.integer({ min: 0, max: 0xff_ff_ff_ff }),
  }),
);

test('every row that the kernel can print is read back', () => {
  const hex = (value: number, width: number) => value.toString(16).toUpperCase().padStart(width, '0');
  const printed = ({ family, bits }: { family: 4 | 6; bits: bigint }) =>
    wordsOf(bits.toString(16).padStart(family === 4 ? 8 : 32, '0'))
      .join('')
      .toUpperCase();
  fc.assert(
    fc.property(fc.array(row, { maxLength: 30 }), (rows) => {
      const text = rows.map(
        ({ ip, remote, port, remotePort, state, uid, inode }, index) =>
          `${String(index).padStart(4)}: ${printed(ip)}:${hex(port, 4)} ${printed(remote)}:${hex(remotePort, 4)} ${hex(state, 2)} 00000000:00000000 00:00000000 00000000 ${String(uid).padStart(5)} ${'0'.padStart(8)} ${inode} 1 0000000000000000 100 0 0 10 0\n`,
      );
      const expected = rows.map(({ ip, remote, ...rest }) => ({
        protocol: 'tcp',
        family: ip.family,
        address: formatIp(ip),
        remoteAddress: formatIp(remote),
        ...rest,
      }));
      expect(parseSocketTable(HEADER + text.join(''), 'tcp')).toEqual(expected);
      expect(parseSocketTable(HEADER + text.join(''), 'tcp', [10])).toEqual(
        expected.filter(({ state }) => state === 10),
      );
    }),
  );
});

test('any text gives rows or none, and never throws', () => {
  const soup = fc.array(
    fc.constantFrom('0', 'A', 'f', ':', ' ', '\n', '-', '0A', '00000000', '0100007F:094B', '\0', '٣'),
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        soup.map((parts) => parts.join('')),
      ),
      (text) => {
        expect(Array.isArray(parseSocketTable(text, 'udp'))).toBe(true);
      },
    ),
  );
});
