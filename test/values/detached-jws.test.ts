import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import * as fc from 'fast-check';
import { detachedJwsHolds } from '../../src/values/detached-jws.ts';

function sign(payload: string, header: object, key: string): string {
  const head = Buffer.from(JSON.stringify(header)).toString('base64url');
  const mac = createHmac('sha256', key).update(`${head}.${Buffer.from(payload).toString('base64url')}`);
  return `${head}..${mac.digest('base64url')}`;
}

test('a signature holds for its own payload, id and key alone', () => {
  fc.assert(
    fc.property(fc.string(), fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), (payload, id, key) => {
      const signature = sign(payload, { alg: 'HS256', kid: id }, key);
      expect(detachedJwsHolds(signature, payload, id, key)).toBe(true);
      expect(detachedJwsHolds(signature, `${payload}x`, id, key)).toBe(false);
      expect(detachedJwsHolds(signature, payload, `${id}x`, key)).toBe(false);
      expect(detachedJwsHolds(signature, payload, id, `${key}x`)).toBe(false);
    }),
  );
});

test('another algorithm, or a payload inside, is no signature', () => {
  expect(detachedJwsHolds(sign('p', { alg: 'none', kid: 'i' }, 'k'), 'p', 'i', 'k')).toBe(false);
  expect(detachedJwsHolds(sign('p', { alg: 'HS256', kid: 'i' }, 'k').replace('..', '.cA.'), 'p', 'i', 'k')).toBe(false);
});

test('whatever it is, it never throws', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.base64String()), (text) => {
      expect(detachedJwsHolds(`${text}..${text}`, text, text, text)).toBe(false);
      expect(detachedJwsHolds(text, text, text, text)).toBe(false);
    }),
  );
});
