import { expect, test } from 'vitest';
import { addOns } from '../../src/kubernetes/add-ons.ts';
import { LOADS_BRIDGE_NETFILTER, MODULE_NAMES, PROXY_MODULES } from '../../src/kubernetes/kernel-features.ts';
import { isKernelFrom, kernelRule } from '../../src/kubernetes/kernel-versions.ts';
import { parseVersion } from '../../src/values/version.ts';

const used = [...Object.values(PROXY_MODULES).flat(), ...Object.values(addOns).flatMap(({ modules }) => modules)];

test.each([...new Set(used)])('%s is looked for', (module) => {
  expect(MODULE_NAMES).toContain(module);
});

test('add-ons that load br_netfilter are known, and need it', () => {
  for (const name of LOADS_BRIDGE_NETFILTER) expect(addOns[name]?.needsBridgeNetfilter).toBe(true);
});

test.each([
  ['1.28', '3.10'],
  ['1.31', '3.10'],
  ['1.32', '4.19'],
  ['1.33', '4.19'],
  ['1.34', '5.4'],
  ['1.40', '5.4'],
])('Kubernetes %s asks for a kernel from %s on', (kubernetes, oldest) => {
  expect(kernelRule(kubernetes).oldest).toBe(oldest);
});

test.each([
  ['5.10.0-33-amd64', '5.10', true],
  ['5.9.16', '5.10', false],
  ['6.0.0', '5.10', true],
  ['4.19.0', '4.19', true],
])('%s is from %s on: %s', (release, oldest, expected) => {
  const version = parseVersion(release);
  expect(version !== null && isKernelFrom(version, oldest)).toBe(expected);
});
