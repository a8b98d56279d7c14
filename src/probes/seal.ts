import { hash, randomBytes, timingSafeEqual } from 'node:crypto';

/** Bytes of a key. */
export const KEY_BYTES = 32;
/** Bytes of a tag. */
export const TAG_BYTES = 16;

type Purpose = 'greeting' | 'request' | 'datagram' | 'echo';

export function newKey(): Buffer {
  return randomBytes(KEY_BYTES);
}

/** What is hashed is put together here: longer than a key, a purpose, the longest message (32 bytes) and a port. */
const hashed = Buffer.allocUnsafeSlow(128);

/** The two halves of a seal. */
export interface Seal {
  /** TAG_BYTES that go with the message. */
  readonly tag: Buffer;
  /** As many that are kept back: whoever says them later has the key and the message. */
  readonly rest: Buffer;
}

/**
 * The SHA-256 of key, purpose, message and port. It is no HMAC, which takes Node 14 times as long, and need not be one: each purpose has messages of
 * one length, so that nobody can lengthen a message.
 */
export function seal(key: Buffer, purpose: Purpose, message: Buffer, port: number): Seal {
  hashed.set(key);
  let end = KEY_BYTES + hashed.write(purpose, KEY_BYTES, 'latin1');
  hashed.set(message, end);
  end = hashed.writeUInt16BE(port, end + message.length);
  // As text: to give a hash as a Buffer takes Node three times as long.
  const digest = Buffer.from(hash('sha256', hashed.subarray(0, end), 'binary'), 'binary');
  return { tag: digest.subarray(0, TAG_BYTES), rest: digest.subarray(TAG_BYTES) };
}

export function isSealed(tag: Buffer, key: Buffer, purpose: Purpose, message: Buffer, port: number): boolean {
  return tag.length === TAG_BYTES && timingSafeEqual(tag, seal(key, purpose, message, port).tag);
}
