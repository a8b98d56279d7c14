import { isIP } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatIp, isGlobalUnicast, isLinkLocal, isLoopback, parseIp } from '../../src/values/ip.ts';

const ip = (text: string) => {
  const parsed = parseIp(text);
  if (parsed === null) throw new Error(text);
  return parsed;
};

test('agrees with Node on what is an address', () => {
  const texts = fc.oneof(
    fc.ipV4(),
    fc.ipV6(),
    fc.string({ unit: fc.constantFrom(...Array.from('0123456789abcf:.')), maxLength: 24 }),
  );
  fc.assert(
    fc.property(texts, (text) => {
      expect(parseIp(text)?.family ?? 0).toBe(isIP(text));
    }),
    { numRuns: 3000 },
  );
});

test('what is printed is read back as the same address', () => {
  const any = fc.oneof(
    fc.record({ family: fc.constant(4 as const), bits: fc.bigInt(0n, 2n ** 32n - 1n) }),
    fc.record({ family: fc.constant(6 as const), bits: fc.bigInt(0n, 2n ** 128n - 1n) }),
  );
  fc.assert(
    fc.property(any, (address) => {
      expect(parseIp(formatIp(address))).toEqual(address);
    }),
  );
});

test.each([
  ['0:0:0:0:0:0:0:1', '::1'],
  ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
  ['::ffff:10.0.0.1', '::ffff:10.0.0.1'],
  ['fe80::1%eth0', 'fe80::1'],
  ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
  ['::', '::'],
])('%s is printed as %s', (text, printed) => {
  expect(formatIp(ip(text))).toBe(printed);
});

test.each([
  '',
  '1.2.3',
  '1.2.3.4.5',
  '01.2.3.4',
  '256.1.1.1',
  '1::2::3',
  ':::',
  '12345::',
  '1:2:3:4:5:6:7:8:9',
  '::1.2.3',
  'g::',
  '1.2.3.4:80',
])('%s is none', (text) => {
  expect(parseIp(text)).toBeNull();
});

test('scopes', () => {
  expect(['127.0.0.1', '127.255.0.1', '::1', '::ffff:127.0.0.1'].map((text) => isLoopback(ip(text)))).toEqual([
    true,
    true,
    true,
    true,
  ]);
  expect(['169.254.1.1', 'fe80::1', '10.0.0.1'].map((text) => isLinkLocal(ip(text)))).toEqual([true, true, false]);
  const unicast = ['10.0.0.1', 'fd00::1', '2001:db8::1'];
  const other = ['0.0.0.0', '255.255.255.255', '224.0.0.1', 'ff02::1', '::', '::1', 'fe80::1', '127.0.0.1'];
  expect(unicast.filter((text) => !isGlobalUnicast(ip(text)))).toEqual([]);
  expect(other.filter((text) => isGlobalUnicast(ip(text)))).toEqual([]);
});
