import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { Member, Run } from './ends.ts';
import { TAG_BYTES, isSealed, seal } from './seal.ts';

/**
 * What the two ends of a TCP probe say to each other, big-endian:
 * greeting of the listener = nonce 16 ‖ tag of its instance over the nonce and the port 16;
 * request = run id 8 ‖ sender's place 2 ‖ flags 2 ‖ number 4 ‖ the greeting's nonce 16 ‖ tag of the run over these and the port 16;
 * answer = the other half of the request's seal 16, which only a member can know, and says only to a request that proved itself.
 */

const NONCE_BYTES = 16;
const UNTAGGED_REQUEST_BYTES = 32;

export const GREETING_BYTES = NONCE_BYTES + TAG_BYTES;
export const REQUEST_BYTES = UNTAGGED_REQUEST_BYTES + TAG_BYTES;
export const ANSWER_BYTES = TAG_BYTES;

/** Bytes that go there and back where a connection is tried with more than a few. */
export const BULK_BYTES = 200_000;
export const BULK = Buffer.alloc(BULK_BYTES);

const BULK_FLAG = 1;

export interface TcpRequestMessage {
  readonly run: Run;
  /** The sender's place among the run's members. */
  readonly from: number;
  readonly bulk: boolean;
  /** What the listener says to it. */
  readonly answer: Buffer;
}

let nonces = Buffer.alloc(0);

/** Random bytes are drawn for many at a time, which costs a fraction. */
function nextNonce(): Buffer {
  if (nonces.length === 0) nonces = randomBytes(NONCE_BYTES * 256);
  const nonce = nonces.subarray(0, NONCE_BYTES);
  nonces = nonces.subarray(NONCE_BYTES);
  return nonce;
}

export function encodeGreeting(instance: Buffer, port: number): Buffer {
  const out = Buffer.allocUnsafe(GREETING_BYTES);
  const nonce = nextNonce();
  out.set(nonce);
  out.set(seal(instance, 'greeting', nonce, port).tag, NONCE_BYTES);
  return out;
}

/** Whose listener on this port greets so: `expected` or another member; null for a stranger. */
export function greeterOf(
  greeting: Buffer,
  port: number,
  members: readonly Member[],
  expected: Member | null,
): Member | null {
  const tag = greeting.subarray(NONCE_BYTES);
  const greets = ({ instance }: Member) => isSealed(tag, instance, 'greeting', nonceOf(greeting), port);
  return expected !== null && greets(expected) ? expected : (members.find(greets) ?? null);
}

function nonceOf(greeting: Buffer): Buffer {
  return greeting.subarray(0, NONCE_BYTES);
}

/** A request with the answer that is waited for. */
export function encodeRequest(
  run: Run,
  bulk: boolean,
  number: number,
  greeting: Buffer,
  port: number,
): { readonly request: Buffer; readonly answer: Buffer } {
  const request = Buffer.allocUnsafe(REQUEST_BYTES);
  request.set(run.id);
  request.writeUInt16BE(run.self, 8);
  request.writeUInt16BE(bulk ? BULK_FLAG : 0, 10);
  request.writeUInt32BE(number, 12);
  request.set(nonceOf(greeting), 16);
  const { tag, rest } = seal(run.secret, 'request', request.subarray(0, UNTAGGED_REQUEST_BYTES), port);
  request.set(tag, UNTAGGED_REQUEST_BYTES);
  return { request, answer: rest };
}

/** The request that bytes are, if they answer this greeting and a member of a run that we take part in sealed them. */
export function decodeRequest(
  bytes: Buffer,
  greeting: Buffer,
  port: number,
  runOf: (id: Buffer) => Run | null,
): TcpRequestMessage | null {
  if (bytes.length !== REQUEST_BYTES) return null;
  const run = runOf(bytes.subarray(0, 8));
  const untagged = bytes.subarray(0, UNTAGGED_REQUEST_BYTES);
  if (run === null || !untagged.subarray(16).equals(nonceOf(greeting))) return null;
  const { tag, rest } = seal(run.secret, 'request', untagged, port);
  if (!timingSafeEqual(bytes.subarray(UNTAGGED_REQUEST_BYTES), tag)) return null;
  const from = bytes.readUInt16BE(8);
  const flags = bytes.readUInt16BE(10);
  return from < run.members.length ? { run, from, bulk: (flags & BULK_FLAG) !== 0, answer: rest } : null;
}

/** Whether bytes are the answer that was waited for. */
export function isAnswer(bytes: Buffer, answer: Buffer): boolean {
  return bytes.length === ANSWER_BYTES && timingSafeEqual(bytes, answer);
}
