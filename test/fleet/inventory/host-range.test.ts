import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { hostsOf } from '../../../src/fleet/inventory/host-range.ts';

test.each([
  ['node', ['node']],
  ['node[01:03]', ['node01', 'node02', 'node03']],
  ['n[8:11].example', ['n8.example', 'n9.example', 'n10.example', 'n11.example']],
  ['n[1:9:4]', ['n1', 'n5', 'n9']],
  ['db-[a:c]', ['db-a', 'db-b', 'db-c']],
  ['r[1:2]n[a:b]', ['r1na', 'r1nb', 'r2na', 'r2nb']],
  ['n[:2]', ['n0', 'n1', 'n2']],
  ['10.0.0.[11:12]', ['10.0.0.11', '10.0.0.12']],
])('%s', (pattern, hosts) => {
  expect(hostsOf(pattern)).toEqual(hosts);
});

test.each([
  'n[3:1]',
  'n[01:100]',
  'n[a:3]',
  'n[1:',
  'n1:3]',
  'n[1:3:0]',
  'n[c:a]',
  'n[0:999999999]',
  'n[1:99][1:99]',
  '[]',
  'n[1-3]',
])('%s is none', (pattern) => {
  expect(hostsOf(pattern)).toBeNull();
});

test('a range has as many hosts as it has numbers, and no pattern takes long', () => {
  fc.assert(
    fc.property(fc.nat(999), fc.nat(999), (first, more) => {
      expect(hostsOf(`n[${first}:${first + more}]`)).toHaveLength(more + 1);
    }),
  );
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('[', ']', ':', '0', '1', 'a', '-'), maxLength: 200 }), (pattern) => {
      const started = performance.now();
      hostsOf(pattern);
      expect(performance.now() - started).toBeLessThan(500);
    }),
  );
});
