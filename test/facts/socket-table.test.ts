import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { isListening, parseSocketTable } from '../../src/facts/socket-table.ts';
import { formatIp } from '../../src/values/ip.ts';

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

test('rows of a real table', () => {
  expect(parseSocketTable(ROWS, 'tcp')).toEqual([
    { protocol: 'tcp', family: 4, address: '127.0.0.1', port: 2379, state: 10, uid: 0, inode: 1_365_729 },
    { protocol: 'tcp', family: 4, address: '10.80.0.1', port: 2380, state: 10, uid: 1000, inode: 1_365_725 },
    { protocol: 'tcp', family: 4, address: '127.0.0.1', port: 47_532, state: 6, uid: 0, inode: 0 },
  ]);
  expect(parseSocketTable(ROWS6, 'tcp').map(({ address, port }) => [address, port])).toEqual([
    ['::', 10_250],
    ['::ffff:127.0.0.1', 8080],
  ]);
  expect(parseSocketTable(UDP, 'udp').map(({ port, inode }) => [port, inode])).toEqual([[8472, 22_902]]);
});

test('what listens', () => {
  expect(parseSocketTable(ROWS, 'tcp').map(isListening)).toEqual([true, true, false]);
  expect(parseSocketTable(UDP, 'udp').map(isListening)).toEqual([true]);
});

const wordsOf = (hex: string) =>
  (hex.match(/.{8}/g) ?? []).map((word) => Buffer.from(word, 'hex').swap32().toString('hex'));

const row = fc.record({
  ip: fc.oneof(
    fc.bigInt(0n, (1n << 32n) - 1n).map((bits) => ({ family: 4 as const, bits })),
    fc.bigInt(0n, (1n << 128n) - 1n).map((bits) => ({ family: 6 as const, bits })),
  ),
  port: fc.integer({ min: 0, max: 65_535 }),
  state: fc.integer({ min: 1, max: 12 }),
  uid: fc.integer({ min: 0, max: 0xff_ff_ff_ff }),
  inode: fc.integer({ min: 0, max: 0xff_ff_ff_ff }),
});

test('every row that the kernel can print is read back', () => {
  fc.assert(
    fc.property(fc.array(row, { maxLength: 30 }), (rows) => {
      const text = rows.map(({ ip, port, state, uid, inode }, index) => {
        const address = wordsOf(ip.bits.toString(16).padStart(ip.family === 4 ? 8 : 32, '0'))
          .join('')
          .toUpperCase();
        const hex = (value: number, width: number) => value.toString(16).toUpperCase().padStart(width, '0');
        return `${String(index).padStart(4)}: ${address}:${hex(port, 4)} ${'0'.repeat(address.length)}:0000 ${hex(state, 2)} 00000000:00000000 00:00000000 00000000 ${String(uid).padStart(5)} ${'0'.padStart(8)} ${inode} 1 0000000000000000 100 0 0 10 0\n`;
      });
      expect(parseSocketTable(HEADER + text.join(''), 'tcp')).toEqual(
        rows.map(({ ip, ...rest }) => ({ protocol: 'tcp', family: ip.family, address: formatIp(ip), ...rest })),
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
