import type { Receiver, Run } from './ends.ts';
import { undress } from './encapsulation.ts';
import { isSealed, seal, TAG_BYTES } from './seal.ts';

/**
 * What travels over UDP, big-endian:
 * request = run id 8 ‖ sender's place 2 ‖ form 1 ‖ reserved 1 ‖ number 4 ‖ tag over these and the port 16 ‖ zeros up to its size;
 * echo = the first 16 bytes of the request with 0x80 in its form ‖ answerer's place 2 ‖ tag over these and the port 16.
 */

/** `sized` ones measure the path MTU: they are answered, and no arrival is recorded. Their place in this list is their byte. */
const FORMS = ['plain', 'dressed', 'like-dressed', 'sized'] as const;
export type Form = (typeof FORMS)[number];

const HEAD_BYTES = 16;
const FORM_AT = 10;
const NUMBER_AT = 12;
const SEALED_BYTES = HEAD_BYTES + TAG_BYTES;
const ECHO = 0x80;
const ECHO_SAID_BYTES = HEAD_BYTES + 2;
const ECHO_BYTES = ECHO_SAID_BYTES + TAG_BYTES;

/** Bytes of the smallest request: its echo is never longer. */
export const SMALLEST = 64;

export interface Datagram {
  readonly run: Run;
  /** Sender's place in the run. */
  readonly from: number;
  readonly form: Form;
  /** Tells datagrams of one form to one port apart. */
  readonly number: number;
}

const numbers = new WeakMap<Run, Map<string, number>>();

/** Datagrams of a form to a port of a member are numbered from 0, through all probes of a run. */
export function nextNumber(run: Run, to: string, port: number, form: Form, address = ''): number {
  const ofRun = numbers.get(run) ?? new Map<string, number>();
  numbers.set(run, ofRun);
  const line = `${port} ${form} ${address} ${to}`;
  const number = ofRun.get(line) ?? 0;
  ofRun.set(line, number + 1);
  return number;
}

/** A request to a port, `size` bytes long. */
export function encodeRequest(
  run: Run,
  port: number,
  { form, number }: Pick<Datagram, 'form' | 'number'>,
  size: number,
): Buffer {
  // Of the pool: memory of their own costs more than all else that is done with small datagrams.
  const request = Buffer.allocUnsafe(Math.max(size, SMALLEST)).fill(0, FORM_AT);
  run.id.copy(request);
  request.writeUInt16BE(run.self, 8);
  request.writeUInt8(FORMS.indexOf(form), FORM_AT);
  request.writeUInt32BE(number, NUMBER_AT);
  request.set(seal(run.secret, 'datagram', request.subarray(0, HEAD_BYTES), port).tag, HEAD_BYTES);
  return request;
}

/** Null unless it is a request of a run that the receiver takes part in, made for this port. */
export function decodeRequest(receiver: Receiver, port: number, datagram: Buffer): Datagram | null {
  if (datagram.length < SMALLEST) return null;
  const inside = undress(datagram);
  const request = inside ?? datagram;
  if (request.length < SEALED_BYTES) return null;
  const run = receiver.runOf(request.subarray(0, 8));
  const head = request.subarray(0, HEAD_BYTES);
  if (run === null || !isSealed(request.subarray(HEAD_BYTES, SEALED_BYTES), run.secret, 'datagram', head, port))
    return null;
  const from = head.readUInt16BE(8);
  const form = FORMS[head.readUInt8(FORM_AT)];
  if (form === undefined || from >= run.members.length || (form === 'dressed') !== (inside !== null)) return null;
  return { run, from, form, number: head.readUInt32BE(NUMBER_AT) };
}

/** The answer of a listener on this port. */
export function encodeEcho({ run, from, form, number }: Datagram, port: number): Buffer {
  const echo = Buffer.allocUnsafe(ECHO_BYTES).fill(0, FORM_AT);
  run.id.copy(echo);
  echo.writeUInt16BE(from, 8);
  echo.writeUInt8(FORMS.indexOf(form) | ECHO, FORM_AT);
  echo.writeUInt32BE(number, NUMBER_AT);
  echo.writeUInt16BE(run.self, HEAD_BYTES);
  echo.set(seal(run.secret, 'echo', echo.subarray(0, ECHO_SAID_BYTES), port).tag, ECHO_SAID_BYTES);
  return echo;
}

export interface Echo {
  readonly form: Form;
  readonly number: number;
  /** Machine of the run that answered. */
  readonly by: string;
}

/** Null unless a member of the run answers, on this port, what this machine sent. */
export function decodeEcho(run: Run, port: number, echo: Buffer): Echo | null {
  if (echo.length !== ECHO_BYTES) return null;
  const said = echo.subarray(0, ECHO_SAID_BYTES);
  if (!isSealed(echo.subarray(ECHO_SAID_BYTES), run.secret, 'echo', said, port)) return null;
  const form = FORMS[said.readUInt8(FORM_AT) ^ ECHO];
  const by = run.members[said.readUInt16BE(HEAD_BYTES)];
  const ours = said.subarray(0, 8).equals(run.id) && said.readUInt16BE(8) === run.self;
  return form === undefined || by === undefined || !ours
    ? null
    : { form, number: said.readUInt32BE(NUMBER_AT), by: by.key };
}
