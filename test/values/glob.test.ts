import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { matchesGlob } from '../../src/values/glob.ts';

test.each([
  ['net/ipv4/conf/*/rp_filter', 'net/ipv4/conf/eth0/rp_filter', true],
  ['net/ipv4/conf/*/rp_filter', 'net/ipv4/conf/eth0.100/rp_filter', true],
  ['net/ipv4/conf/lxc*/rp_filter', 'net/ipv4/conf/eth0/rp_filter', false],
  ['net/ipv4/conf/eth?/rp_filter', 'net/ipv4/conf/eth0/rp_filter', true],
  ['net/ipv4/conf/eth?/rp_filter', 'net/ipv4/conf/eth10/rp_filter', false],
  ['net/ipv4/*/rp_filter', 'net/ipv4/conf/eth0/rp_filter', false],
  ['a*b*c', 'aXbXbXc', true],
  ['a*b*c', 'aXbX', false],
  ['', '', true],
  ['*', '', true],
])('%s against %s', (pattern, path, expected) => {
  expect(matchesGlob(pattern, path)).toBe(expected);
});

const part = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 8 });
const path = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));

test('agrees with the regular expression that it stands for', () => {
  fc.assert(
    fc.property(path, path, (pattern, text) => {
      const regular = new RegExp(`^${pattern.replaceAll('*', '[^/]*').replaceAll('?', '[^/]')}$`);
      expect(matchesGlob(pattern, text)).toBe(regular.test(text));
    }),
  );
});

test('takes no exponential time', () => {
  expect(matchesGlob('*a'.repeat(200), 'a'.repeat(4000) + 'b')).toBe(false);
});
