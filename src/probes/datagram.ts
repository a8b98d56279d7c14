import type { Receiver, Run } from './ends.ts';
import { undress } from './encapsulation.ts';
import { isSealed, seal, TAG_BYTES } from './seal.ts';

/**
 * What travels over UDP, big-endian:
 * request = run id 8 ‖ sender's place 2 ‖ receiver's place 2 ‖ form 1 ‖ reserved 1 ‖ number 4 ‖ tag over these and the port 16 ‖ zeros up to its size;
 * echo = the same with the answerer's place in that of the receiver and 0x80 in its form ‖ tag over these and the port 16.
 */

/** `sized` ones measure the path MTU: they are answered, and no arrival is recorded. Their place in this list is their byte. */
const FORMS = ['plain', 'dressed', 'like-dressed', 'sized'] as const;
export type Form = (typeof FORMS)[number];

const HEAD_BYTES = 18;
const TO_AT = 10;
const FORM_AT = 12;
const NUMBER_AT = 14;
const SEALED_BYTES = HEAD_BYTES + TAG_BYTES;
const ECHO = 0x80;
const ECHO_BYTES = HEAD_BYTES + TAG_BYTES;
/** In the place of a receiver that the run does not have. */
const NOBODY = 0xffff;

/** Bytes of the smallest request: its echo is never longer. */
export const SMALLEST = 64;

export interface Datagram {
  readonly run: Run;
  /** Sender's place in the run. */
  readonly from: number;
  /** Whether it was meant for this machine: what is sent to another one may be led here. */
  readonly forUs: boolean;
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

/** A request to a port of a member, `size` bytes long. */
export function encodeRequest(
  run: Run,
  to: string,
  port: number,
  { form, number }: Pick<Datagram, 'form' | 'number'>,
  size: number,
): Buffer {
  // Of the pool: memory of their own costs more than all else that is done with small datagrams.
  const request = Buffer.allocUnsafe(Math.max(size, SMALLEST)).fill(0, FORM_AT);
  run.id.copy(request);
  request.writeUInt16BE(run.self, 8);
  request.writeUInt16BE(placeOf(run, to), TO_AT);
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
  const forUs = head.readUInt16BE(TO_AT) === run.self;
  return { run, from, forUs, form, number: head.readUInt32BE(NUMBER_AT) };
}

function placeOf(run: Run, key: string): number {
  const place = run.members.findIndex((member) => member.key === key);
  return place === -1 ? NOBODY : place;
}

/** The answer of a listener on this port. */
export function encodeEcho({ run, from, form, number }: Omit<Datagram, 'forUs'>, port: number): Buffer {
  const echo = Buffer.allocUnsafe(ECHO_BYTES).fill(0, FORM_AT);
  run.id.copy(echo);
  echo.writeUInt16BE(from, 8);
  echo.writeUInt16BE(run.self, TO_AT);
  echo.writeUInt8(FORMS.indexOf(form) | ECHO, FORM_AT);
  echo.writeUInt32BE(number, NUMBER_AT);
  echo.set(seal(run.secret, 'echo', echo.subarray(0, HEAD_BYTES), port).tag, HEAD_BYTES);
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
  const said = echo.subarray(0, HEAD_BYTES);
  if (!isSealed(echo.subarray(HEAD_BYTES), run.secret, 'echo', said, port)) return null;
  const form = FORMS[said.readUInt8(FORM_AT) ^ ECHO];
  const by = run.members[said.readUInt16BE(TO_AT)];
  const ours = said.subarray(0, 8).equals(run.id) && said.readUInt16BE(8) === run.self;
  return form === undefined || by === undefined || !ours
    ? null
    : { form, number: said.readUInt32BE(NUMBER_AT), by: by.key };
}
