import { randomBytes } from 'node:crypto';
import type { Member, Run } from './ends.ts';
import { TAG_BYTES, isSealed, seal } from './seal.ts';

/** What the two ends of a TCP probe say to each other: greeting of the listener, request, answer. Numbers are big-endian. */

const NONCE_BYTES = 16;
const SOURCE_BYTES = 18;
const UNTAGGED_REQUEST_BYTES = 32;

export const GREETING_BYTES = NONCE_BYTES + TAG_BYTES;
export const REQUEST_BYTES = UNTAGGED_REQUEST_BYTES + TAG_BYTES;
export const ANSWER_BYTES = SOURCE_BYTES + TAG_BYTES;

/** Bytes that go there and back where a connection is tried with more than a few. */
export const BULK_BYTES = 200_000;
export const BULK = Buffer.alloc(BULK_BYTES);

const BULK_FLAG = 1;

export interface TcpRequestMessage {
  readonly run: Run;
  /** The sender's place among the run's members. */
  readonly from: number;
  readonly bulk: boolean;
  readonly number: number;
}

function withPort(message: Buffer, port: number): Buffer {
  const out = Buffer.allocUnsafe(message.length + 2);
  message.copy(out);
  out.writeUInt16BE(port, message.length);
  return out;
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
  const nonce = nextNonce();
  return Buffer.concat([nonce, seal(instance, 'greeting', withPort(nonce, port))]);
}

/** Whose listener on this port greets so: `expected` or another member; null for a stranger. */
export function greeterOf(
  greeting: Buffer,
  port: number,
  members: readonly Member[],
  expected: Member | null,
): Member | null {
  const message = withPort(nonceOf(greeting), port);
  const tag = greeting.subarray(NONCE_BYTES);
  const greets = ({ instance }: Member) => isSealed(tag, instance, 'greeting', message);
  return expected !== null && greets(expected) ? expected : (members.find(greets) ?? null);
}

function nonceOf(greeting: Buffer): Buffer {
  return greeting.subarray(0, NONCE_BYTES);
}

export function encodeRequest(run: Run, bulk: boolean, number: number, greeting: Buffer, port: number): Buffer {
  const out = Buffer.allocUnsafe(REQUEST_BYTES);
  run.id.copy(out);
  out.writeUInt16BE(run.self, 8);
  out.writeUInt16BE(bulk ? BULK_FLAG : 0, 10);
  out.writeUInt32BE(number, 12);
  greeting.copy(out, 16, 0, NONCE_BYTES);
  seal(run.secret, 'request', withPort(out.subarray(0, UNTAGGED_REQUEST_BYTES), port)).copy(
    out,
    UNTAGGED_REQUEST_BYTES,
  );
  return out;
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
  if (run === null || !bytes.subarray(16, UNTAGGED_REQUEST_BYTES).equals(nonceOf(greeting))) return null;
  const untagged = withPort(bytes.subarray(0, UNTAGGED_REQUEST_BYTES), port);
  if (!isSealed(bytes.subarray(UNTAGGED_REQUEST_BYTES), run.secret, 'request', untagged)) return null;
  const from = bytes.readUInt16BE(8);
  const flags = bytes.readUInt16BE(10);
  return from < run.members.length
    ? { run, from, bulk: (flags & BULK_FLAG) !== 0, number: bytes.readUInt32BE(12) }
    : null;
}

/** What an answer proves: that it is to this request, and where the request came from. */
function sealed(source: Buffer, greeting: Buffer, number: number): Buffer {
  const out = Buffer.allocUnsafe(NONCE_BYTES + 4 + SOURCE_BYTES);
  greeting.copy(out, 0, 0, NONCE_BYTES);
  out.writeUInt32BE(number, NONCE_BYTES);
  source.copy(out, NONCE_BYTES + 4, 0, SOURCE_BYTES);
  return out;
}

/** `address`: the 16 bytes of where the request came from. */
export function encodeAnswer(run: Run, greeting: Buffer, number: number, address: Buffer, port: number): Buffer {
  const source = withPort(address, port);
  return Buffer.concat([source, seal(run.secret, 'answer', sealed(source, greeting, number))]);
}

/** Whether bytes are the answer of a member of the run to our request. */
export function isAnswer(bytes: Buffer, run: Run, greeting: Buffer, number: number): boolean {
  return (
    bytes.length === ANSWER_BYTES &&
    isSealed(bytes.subarray(SOURCE_BYTES), run.secret, 'answer', sealed(bytes, greeting, number))
  );
}
