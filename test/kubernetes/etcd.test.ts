import { expect, test } from 'vitest';
import { isAtLeast, minimumEtcd } from '../../src/kubernetes/etcd.ts';
import { parseVersion } from '../../src/values/version.ts';

test.each([
  ['1.20', '3.2.18', '3.2.18'],
  ['1.28', '3.4.13', '3.4.13'],
  ['1.32', '3.4.13', '3.5.24'],
  ['1.36', '3.5.24', '3.5.24'],
  ['1.99', '3.5.24', '3.5.24'],
])('Kubernetes %s asks for etcd %s, later %s', (version, oldest, recent) => {
  expect(minimumEtcd(version)).toMatchObject({ oldest, recent });
});

test('compared by number', () => {
  const version = parseVersion('3.5.9');
  expect(version !== null && isAtLeast(version, '3.5.24')).toBe(false);
  expect(version !== null && isAtLeast(version, '3.4.13')).toBe(true);
});
