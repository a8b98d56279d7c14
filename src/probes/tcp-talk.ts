import { connect, type Socket } from 'node:net';
import type { SenderSaw } from '../evidence/reach.ts';
import { codeOf } from '../system/errors.ts';
import type { Member, Run } from './ends.ts';
import { ANSWER_BYTES, GREETING_BYTES, encodeRequest, greeterOf, isAnswer } from './tcp-messages.ts';

/** Who is to be talked to. */
export interface Party {
  readonly run: Run;
  readonly address: string;
  /** Member whose listener should answer; null for any. */
  readonly expected: Member | null;
  /** Wait for the greeting; otherwise a connection that is taken is the end. */
  readonly greeting: boolean;
  /** Port of the listener, where the port that is dialled is that of a load balancer before it. */
  readonly listenerPort?: number;
}

/** What one connect came to. */
export interface TalkEnd {
  readonly saw: SenderSaw;
  /** It is pending still, or taken by somebody who is silent. */
  readonly open: boolean;
}

export interface TalkEvents {
  /** Connected, or greeted. `ms`: since the connect began. */
  stirred(ms: number): void;
  /** Called once. The socket is its owner's to end. */
  ended(end: TalkEnd): void;
}

export interface Talk {
  readonly port: number;
  readonly socket: Socket;
  /** What it came to when nothing more is waited for; `ended` is not called then. */
  silence(): TalkEnd;
  /** Nothing of it is of interest any more. */
  forget(): void;
}

/** A reset before the connection stands is ECONNREFUSED (tcp_reset of the kernel): these say that it stood, if only for a moment. */
const RESETS = new Set(['ECONNRESET', 'EPIPE']);

/** All sockets read into one: what came is handled before the next of them reads. */
const scratch = Buffer.allocUnsafeSlow(65_536);

/**
 * One connect to a port, up to the answer to our request. Nothing is written before a listener of the run proved itself.
 * `bulk`: the request asks for it, and its result takes what comes after the answer.
 */
export function talk(
  party: Party,
  port: number,
  number: number,
  events: TalkEvents,
  bulk: (() => (bytes: Buffer) => void) | null,
): Talk {
  const { run, address: host, expected, listenerPort = port } = party;
  const started = performance.now();
  let over = false;
  let atOnce = false;
  let address: string | null = null;
  let connectedMs: number | null = null;
  let askedMs = 0;
  let spoken = false;
  let greeter: Member | null = null;
  let answer: Buffer | null = null;
  let partial: Buffer | null = null;
  let more: ((bytes: Buffer) => void) | null = null;

  const since = () => performance.now() - started;

  const socket = connect({
    host,
    port,
    autoSelectFamily: false,
    onread: {
      buffer: scratch,
      callback: (length) => {
        take(scratch.subarray(0, length));
        return true;
      },
    },
  });
  // The system call is made in the tick before this one: what it refuses, and no packet did, is known now.
  process.nextTick(() => {
    atOnce = socket.errored !== null;
  });
  socket.on('connect', onConnect);
  socket.on('error', (error) => {
    const errno = codeOf(error) ?? 'EIO';
    if (connectedMs !== null || RESETS.has(errno)) end(taken(errno));
    else end(saw(errno === 'ECONNREFUSED' ? 'refused' : 'error', errno));
  });
  socket.on('end', () => end(taken(null)));

  return {
    port,
    socket,
    silence() {
      over = true;
      address ??= socket.localAddress ?? null;
      return { saw: connectedMs === null ? saw('silence', null) : taken(null), open: !spoken };
    },
    forget() {
      over = true;
    },
  };

  function onConnect(): void {
    if (over) return;
    connectedMs = since();
    address = socket.localAddress ?? null;
    if (party.greeting) events.stirred(connectedMs);
    else end(taken(null), true);
  }

  function take(chunk: Buffer): void {
    if (more !== null) return more(chunk);
    if (over) return;
    const wanted = answer === null ? GREETING_BYTES : ANSWER_BYTES;
    spoken ||= answer === null;
    const bytes = partial === null ? chunk : Buffer.concat([partial, chunk]);
    // What it was read into is for the next one.
    if (bytes.length < wanted) partial = Buffer.from(bytes);
    else if (answer === null) onGreeting(bytes);
    else onAnswer(bytes, answer);
  }

  function onGreeting(greeting: Buffer): void {
    greeter = greeting.length === GREETING_BYTES ? greeterOf(greeting, listenerPort, run.members, expected) : null;
    if (greeter === null) return end(taken(null));
    // Another machine of the run: asked, it would take the request for one to itself.
    if (expected !== null && greeter !== expected) return end(saw('answered', null));
    const asked = encodeRequest(run, bulk !== null, number, greeting, listenerPort);
    answer = asked.answer;
    spoken = false;
    partial = null;
    askedMs = since();
    events.stirred(askedMs);
    socket.write(asked.request);
  }

  function onAnswer(bytes: Buffer, wanted: Buffer): void {
    if (!isAnswer(bytes, wanted)) return end(taken(null));
    more = bulk === null ? null : bulk();
    end(saw('answered', null, since() - askedMs));
  }

  function end(what: SenderSaw, open = false): void {
    if (over) return;
    over = true;
    events.ended({ saw: what, open });
  }

  /** Somebody took the connection. */
  function taken(errno: string | null): SenderSaw {
    return saw('accepted', errno, connectedMs);
  }

  function saw(outcome: SenderSaw['outcome'], errno: string | null, rttMs: number | null = null): SenderSaw {
    const answeredBy = greeter?.key ?? null;
    const secondLook = { heldBack: null, neighbour: null };
    const datagrams = { answers: null, dressed: null, likeDressed: null };
    const waitedMs = since();
    return {
      outcome,
      errno,
      waitedMs,
      rttMs,
      sent: 1,
      address,
      atOnce,
      answeredBy,
      spoken,
      ...secondLook,
      ...datagrams,
    };
  }
}

/** Ends a connection with a reset, so that neither host keeps a TIME_WAIT. On a connect that is pending Node would wait with that. */
export function hangUp(socket: Socket): void {
  if (socket.connecting) socket.destroy();
  else if (!socket.destroyed) socket.resetAndDestroy();
}
