import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addressesOf, parsePodTables } from '../../../src/pods/throw-away/pod-network.ts';
import { formatIp } from '../../../src/values/ip.ts';
import { BRIDGED } from '../tables.ts';

const NOTHING = { trie: '', route: '', inet6: '', route6: '' };

test('addresses of a pod, of both families, without those of the link', () => {
  expect(addressesOf(parsePodTables(BRIDGED))).toEqual(['10.244.1.5/24', 'fd00:1::5/64']);
});

test('an address alone has no broadcast address', () => {
  const trie = 'Main:\n     |-- 10.244.1.7\n        /32 host LOCAL\n     |-- 169.254.1.1\n        /32 link UNICAST\n';
  const { addresses } = parsePodTables({ ...NOTHING, trie });
  expect(addresses.map(({ ip, prefixes }) => [formatIp(ip), ...prefixes])).toEqual([['10.244.1.7', 32, 31]]);
});

test('without its own route every network that has the broadcast address is possible', () => {
  const trie = '  |-- 10.0.0.6\n     /32 host LOCAL\n  |-- 10.0.0.7\n     /32 link BROADCAST\n';
  expect(parsePodTables({ ...NOTHING, trie }).addresses[0]?.prefixes).toEqual([29, 30]);
});

test('any text is read without an error', () => {
  const line = fc.oneof(fc.string(), fc.constantFrom(...Object.values(BRIDGED).join('\n').split('\n')));
  const text = fc.array(line, { maxLength: 30 }).map((lines) => lines.join('\n'));
  fc.assert(
    fc.property(fc.record({ trie: text, route: text, inet6: text, route6: text }), (tables) => {
      for (const { prefixes } of parsePodTables(tables).addresses)
        expect(prefixes.every((prefix) => prefix >= 0 && prefix <= 128)).toBe(true);
    }),
  );
});
