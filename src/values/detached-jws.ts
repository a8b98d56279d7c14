/** Loaded when it is first used: most runs do not, and it costs milliseconds at the start. */
const crypto = () => process.getBuiltinModule('node:crypto');

import * as z from 'zod';
import { jsonOf } from './json.ts';

const header = z.object({ alg: z.string(), kid: z.string().optional() });

/**
 * Whether `signature` (`header..mac`, RFC 7515 appendix F) is the HMAC-SHA256 of `payload` under this key: how Kubernetes signs
 * cluster-info with each bootstrap token.
 */
export function detachedJwsHolds(signature: string, payload: string, keyId: string, key: string): boolean {
  const [protectedHeader, content, mac, ...more] = signature.trim().split('.');
  if (protectedHeader === undefined || content !== '' || mac === undefined || more.length > 0) return false;
  const parsed = header.safeParse(jsonOf(Buffer.from(protectedHeader, 'base64url').toString('utf8')));
  if (!parsed.success || parsed.data.alg !== 'HS256' || parsed.data.kid !== keyId) return false;
  const signed = `${protectedHeader}.${Buffer.from(payload, 'utf8').toString('base64url')}`;
  const expected = crypto().createHmac('sha256', key).update(signed).digest();
  const given = Buffer.from(mac, 'base64url');
  return given.length === expected.length && crypto().timingSafeEqual(given, expected);
}
