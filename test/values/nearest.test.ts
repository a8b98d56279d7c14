import { expect, test } from 'vitest';
import * as fc from 'fast-check';
import { nearest } from '../../src/values/nearest.ts';

test.each([
  ['workr', ['control-plane', 'worker'], 'worker'],
  ['--nodeip', ['--node-ip', '--node-name'], '--node-ip'],
  ['calico', ['cilium-vxlan', 'calico-vxlan', 'calico-bgp'], 'calico-vxlan'],
  ['FLANNEL', ['flannel'], 'flannel'],
  ['xyz', ['worker', 'etcd'], null],
  ['', ['etcd'], null],
  ['x'.repeat(5000), ['x'], null],
])('nearest %s', (word, candidates, expected) => {
  expect(nearest(word, candidates)).toBe(expected);
});

test('a swap of neighbours is one step, and the name within a category is enough', () => {
  expect(nearest('rloe', ['role'])).toBe('role');
  expect(nearest('ip-forwrad', ['kernel/ip-forward', 'kernel/modules'])).toBe('kernel/ip-forward');
});

test('a candidate itself is its own nearest', () => {
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { minLength: 1 }), (names) => {
      for (const name of names) expect(nearest(name, [name])).toBe(name);
    }),
  );
});
