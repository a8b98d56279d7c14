import { BlockList } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { contains, formatCidr, overlaps, parseCidr } from '../../src/values/cidr.ts';
import { parseIp } from '../../src/values/ip.ts';

const v4 = fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 })).map(([address, prefix]) => `${address}/${prefix}`);
const v6 = fc.tuple(fc.ipV6(), fc.integer({ min: 0, max: 128 })).map(([address, prefix]) => `${address}/${prefix}`);

const cidr = (text: string) => {
  const parsed = parseCidr(text);
  if (parsed === null) throw new Error(text);
  return parsed;
};

test('agrees with Node on who is in a network', () => {
  fc.assert(
    fc.property(v4, fc.ipV4(), (text, address) => {
      const [base = '', prefix = ''] = text.split('/');
      const list = new BlockList();
      list.addSubnet(base, Number(prefix));
      expect(contains(cidr(text), parseIp(address)!)).toBe(list.check(address));
    }),
  );
});

test('overlap is symmetric, and a network overlaps itself', () => {
  const any = fc.oneof(v4, v6);
  fc.assert(
    fc.property(any, any, (a, b) => {
      expect(overlaps(cidr(a), cidr(b))).toBe(overlaps(cidr(b), cidr(a)));
      expect(overlaps(cidr(a), cidr(a))).toBe(true);
    }),
  );
});

test('host bits are dropped and the text reads back', () => {
  expect(formatCidr(cidr('10.1.2.3/8'))).toBe('10.0.0.0/8');
  fc.assert(
    fc.property(fc.oneof(v4, v6), (text) => {
      expect(cidr(formatCidr(cidr(text)))).toEqual(cidr(text));
    }),
  );
});

test.each([
  ['10.0.0.0/8', '10.244.0.0/16', true],
  ['10.0.0.0/16', '10.1.0.0/16', false],
  ['0.0.0.0/0', 'fd00::/8', false],
  ['fd00::/8', 'fd12:3456::/32', true],
])('%s and %s overlap: %s', (a, b, expected) => {
  expect(overlaps(cidr(a), cidr(b))).toBe(expected);
});

test.each([
  '',
  '10.0.0.0',
  '10.0.0.0/33',
  '10.0.0.0/-1',
  '10.0.0.0/08',
  'fd00::/129',
  'fe80::%eth0/64',
  '/8',
  '10.0.0.0/8/8',
])('%s is none', (text) => {
  expect(parseCidr(text)).toBeNull();
});
