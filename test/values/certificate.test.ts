import { rmSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import * as fc from 'fast-check';
import {
  describeCertificate,
  publicKeyPin,
  readBundle,
  readCertificate,
  validityAt,
} from '../../src/values/certificate.ts';
import { makeAuthority } from '../authority.ts';

const authority = makeAuthority('kubernetes');
afterAll(() => rmSync(authority.directory, { recursive: true }));

test('what is public of a certificate', () => {
  const leaf = readCertificate(authority.issue('kube-apiserver', 'DNS:api.example.org,IP:10.0.0.11,IP:fd00::11').cert);
  const shown = leaf === null ? null : describeCertificate(leaf);
  expect(shown).toMatchObject({
    subject: 'CN=kube-apiserver',
    names: ['api.example.org', '10.0.0.11', 'FD00:0:0:0:0:0:0:11'],
  });
  expect(shown?.notAfter).toMatch(/^\d{4}-\d\d-\d\dT/);
  expect(leaf === null ? null : publicKeyPin(leaf)).toMatch(/^sha256:[0-9a-f]{64}$/);
});

test('validity', () => {
  const leaf = { subject: '', names: [], notBefore: '2026-01-01T00:00:00.000Z', notAfter: '2027-01-01T00:00:00.000Z' };
  expect(validityAt(leaf, '2025-12-31T23:59:59.999Z')).toBe('not-yet-valid');
  expect(validityAt(leaf, '2026-01-01T00:00:00.000Z')).toBe('valid');
  expect(validityAt(leaf, '2027-01-01T00:00:00.001Z')).toBe('expired');
});

test('a bundle is read whole or not at all', () => {
  expect(readBundle(authority.cert + authority.cert)).toHaveLength(2);
  expect(readBundle('')).toBeNull();
  expect(readBundle(`${authority.cert}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`)).toBeNull();
});

test('any bytes are a certificate or null', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(readCertificate(Buffer.from(bytes))).toBeNull();
    }),
  );
});
