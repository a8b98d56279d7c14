import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatCidr, network } from '../../src/values/cidr.ts';
import { formatIp } from '../../src/values/ip.ts';
import { parseRouteRows } from '../../src/values/route-rows.ts';

const HEADING = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n';

const hex = (bits: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(bits);
  return bytes.toString('hex').toUpperCase();
};
const mask = (prefix: number) => (prefix === 0 ? 0 : (0xffff_ffff << (32 - prefix)) >>> 0);

test('rows of a node, without what rejects or is down', () => {
  const rows = parseRouteRows(
    `${HEADING}eth0\t00000000\tFE00500A\t0003\t0\t0\t100\t00000000\t0\t0\t0\n` +
      'eth0\t0000500A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n' +
      '*\t0000F50A\t00000000\t0200\t0\t0\t0\t0000FFFF\t0\t0\t0\n' +
      '*\t0000F60A\t00000000\t0201\t0\t0\t0\t0000FFFF\t0\t0\t0\n',
  );
  expect(
    rows.map(({ destination, gateway, ...rest }) => [formatCidr(destination), gateway && formatIp(gateway), rest]),
  ).toEqual([
    ['0.0.0.0/0', '10.80.0.254', { interface: 'eth0', metric: 100 }],
    ['10.80.0.0/24', null, { interface: 'eth0', metric: 0 }],
  ]);
});

test('what the kernel writes is read back', () => {
  const row = fc.record({
    base: fc.nat({ max: 0xffff_ffff }),
    prefix: fc.nat({ max: 32 }),
    gateway: fc.nat({ max: 0xffff_ffff }),
    metric: fc.nat(),
  });
  fc.assert(
    fc.property(fc.array(row), (rows) => {
      const lines = rows.map(
        ({ base, prefix, gateway, metric }) =>
          `eth0\t${hex((base & mask(prefix)) >>> 0)}\t${hex(gateway)}\t0003\t0\t0\t${metric}\t${hex(mask(prefix))}\t0\t0\t0\n`,
      );
      expect(parseRouteRows(HEADING + lines.join(''))).toEqual(
        rows.map(({ base, prefix, gateway, metric }) => ({
          interface: 'eth0',
          destination: network({ family: 4, bits: BigInt(base) }, prefix),
          gateway: gateway === 0 ? null : { family: 4, bits: BigInt(gateway) },
          metric,
        })),
      );
    }),
  );
});

test('no text makes it throw', () => {
  const word = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('0003', '00000000', '0A00000A', 'eth0', '-1', 'zz'),
  );
  fc.assert(
    fc.property(fc.array(fc.array(word, { maxLength: 12 })), (lines) => {
      expect(() => parseRouteRows(lines.map((words) => words.join('\t')).join('\n'))).not.toThrow();
    }),
  );
});
