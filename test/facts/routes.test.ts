import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import routes, { ipv6Routes } from '../../src/facts/routes.ts';
import { formatIp } from '../../src/values/ip.ts';
import { readFrom } from './read-from.ts';

const ZERO = '0'.repeat(32);
const row6 = (destination: string, prefix: string, gateway: string, metric: string, flags: string, name: string) =>
  `${destination} ${prefix} ${ZERO} 00 ${gateway} ${metric} 00000001 00000000 ${flags} ${name.padStart(8)}\n`;
const hex = (start: string, end = '') => start + '0'.repeat(32 - start.length - end.length) + end;

test('IPv4 and IPv6, without what is local, multicast or rejects', async () => {
  const { routes: found } = await readFrom(routes, {
    'proc/net/route':
      'Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n' +
      'eth0\t00000000\tFE00500A\t0003\t0\t0\t100\t00000000\t0\t0\t0\n' +
      'cni0\t0002F50A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n',
    'proc/net/ipv6_route':
      row6(hex('fd'), '40', ZERO, '00000100', '00000001', 'eth0') +
      row6(ZERO, '00', hex('fd', '1'), '00000400', '00000003', 'eth0') +
      row6(ZERO, '00', ZERO, 'ffffffff', '00200200', 'lo') +
      row6(hex('fd', '2'), '80', ZERO, '00000000', '80200001', 'eth0') +
      row6(hex('ff'), '08', ZERO, '00000100', '00000001', 'eth0'),
  });
  expect(found).toEqual([
    { family: 4, destination: '0.0.0.0/0', gateway: '10.80.0.254', interface: 'eth0', metric: 100 },
    { family: 4, destination: '10.245.2.0/24', gateway: null, interface: 'cni0', metric: 0 },
    { family: 6, destination: 'fd00::/64', gateway: null, interface: 'eth0', metric: 256 },
    { family: 6, destination: '::/0', gateway: 'fd00::1', interface: 'eth0', metric: 1024 },
  ]);
});

test('a kernel without IPv6', async () => {
  expect(await readFrom(routes, { 'proc/net/route': 'Iface\n' })).toEqual({ routes: [] });
});

test('no /proc', async () => {
  expect(await readFrom(routes, {})).toEqual({ routes: [], shown: false });
  await expect(readFrom(routes, { '/proc/version': 'x' })).rejects.toMatchObject({ why: 'missing' });
});

test('a gateway of IPv6 is read back', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 1n, max: (1n << 128n) - 1n }), fc.nat({ max: 0xffff_ffff }), (bits, metric) => {
      const text = row6(
        ZERO,
        '00',
        bits.toString(16).padStart(32, '0'),
        metric.toString(16).padStart(8, '0'),
        '00000003',
        'e',
      );
      const gateway = formatIp({ family: 6, bits });
      expect(ipv6Routes(text)).toEqual([{ family: 6, destination: '::/0', gateway, interface: 'e', metric }]);
    }),
  );
});

test('no text makes it throw', () => {
  const word = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(ZERO, '40', 'ff', '00000001', 'eth0', 'zz'));
  fc.assert(
    fc.property(fc.array(fc.array(word, { maxLength: 12 })), (lines) => {
      expect(() => ipv6Routes(lines.map((words) => words.join(' ')).join('\n'))).not.toThrow();
    }),
  );
});
