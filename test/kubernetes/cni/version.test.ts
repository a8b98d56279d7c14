import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { chosenVersion, isAtLeast, KNOWN_VERSIONS, versionNumbers } from '../../../src/kubernetes/cni/version.ts';

test.each([
  ['', null, '0.1.0'],
  ['1.0.0', null, '1.0.0'],
  ['9.9.9', null, '9.9.9'],
  ['0.3.1', ['0.4.0', '1.0.0'], '1.0.0'],
  ['1.0.0', ['1.1.0', '2.0.0'], '1.1.0'],
  ['', ['2.0.0'], '0.1.0'],
  ['0.10.0', ['0.9.0'], '0.10.0'],
])('%j with %j is run as %s', (cniVersion, cniVersions, chosen) => {
  expect(chosenVersion(cniVersion, cniVersions)).toBe(chosen);
});

test('any text is a version or none', () => {
  fc.assert(fc.property(fc.string(), (text) => versionNumbers(text) === null || /^[\d.]+$/.test(text)));
  expect(KNOWN_VERSIONS.every((version) => versionNumbers(version) !== null)).toBe(true);
});

test.each([
  ['1.1.0', '1.1.0', true],
  ['0.4.0', '0.3.1', true],
  ['0.10.0', '0.4.0', true],
  ['0.3.1', '0.4.0', false],
  ['1.0.0', '1.1.0', false],
])('%s is at least %s: %j', (version, wanted, is) => {
  expect(isAtLeast(version, wanted)).toBe(is);
});
