import type { SenderSaw } from '../evidence/reach.ts';
import type { System } from '../system/system.ts';
import { portsOf, type PortRange } from '../values/port-range.ts';
import { LOCAL_LIMITS } from '../values/local-limits.ts';
import { AskedPort, type Line, type Sent } from './asked-port.ts';
import { createRoom, listenFor } from './datagram-pacing.ts';
import { decodeEcho, encodeRequest, nextNumber, SMALLEST, type Form } from './datagram.ts';
import { dress, DRESS_BYTES, type Encapsulation } from './encapsulation.ts';
import type { Pace, Run, Seen } from './ends.ts';
import { mergeSeen } from './merge.ts';
import { createOutlet } from './udp-outlet.ts';

export interface UdpJob {
  /** Key of the member that is asked. */
  readonly to: string;
  readonly address: string;
  readonly ports: readonly PortRange[];
  /** Datagrams of each form to each port. */
  readonly count: number;
  readonly dress: Encapsulation | null;
  /** A connected socket for each port, which hears of refusals; otherwise one socket for all of them. */
  readonly connected: boolean;
}

/** A silent datagram is sent so often, spread over the time after which silence is silence. */
const TRIES = 3;
/** The last of a long sweep are waited for this part of that time at least before they are sent again. */
const LEAST_WAIT = 10;
/** And so many times more while this machine's own sockets lose answers. */
const MORE_TRIES = 2;

/**
 * Sends numbered datagrams to each port of the job, and verifies what comes back. An answer of a member that was not asked goes before all. What
 * a limit of this machine refused to the end, or where its own sockets lost answers to the end, is an `error` at once with one of LOCAL_LIMITS: it
 * says nothing of the network. Rejects with the signal's reason when aborted; all sockets are closed then as always.
 */
export async function sendUdp(
  run: Run,
  system: System,
  job: UdpJob,
  pace: Pace,
  signal: AbortSignal,
): Promise<readonly Seen[]> {
  signal.throwIfAborted();
  const ports = portsOf(job.ports);
  const atATime = job.connected ? Math.max(1, pace.sockets ?? ports.length) : ports.length;
  const saws: (readonly [port: number, saw: SenderSaw])[] = [];
  for (let next = 0; next < ports.length; next += atATime) {
    const asked = ports
      .slice(next, next + atATime)
      .map((port) => new AskedPort(port, formsOf(job), job.count > 1 || job.dress !== null));
    await ask(run, system, job, pace, asked, signal);
    for (const each of asked) saws.push([each.port, each.saw(job.count > 1)]);
  }
  // They were asked in the order of the job, and neighbours are found in that of their numbers.
  return mergeSeen(saws.sort(([a], [b]) => a - b));
}

function formsOf({ dress }: UdpJob): Form[] {
  return dress === null ? ['plain'] : ['plain', 'like-dressed', 'dressed'];
}

function bytesOf(run: Run, { to, dress: kind }: UdpJob, port: number, form: Form, number: number): Buffer {
  const size = form === 'like-dressed' ? SMALLEST + DRESS_BYTES : SMALLEST;
  const request = encodeRequest(run, to, port, { form, number }, size);
  return form === 'dressed' && kind !== null ? dress(kind, request) : request;
}

async function ask(
  run: Run,
  system: System,
  job: UdpJob,
  pace: Pace,
  asked: readonly AskedPort[],
  signal: AbortSignal,
): Promise<void> {
  const byPort = new Map(asked.map((each) => [each.port, each]));
  const room = createRoom<Sent>(pace, job.count > 1);
  const outlet = createOutlet(job, { heard, failed });
  let incomplete = new Set<AskedPort>();
  let allComplete = (): void => undefined;
  let news = 0;

  try {
    for (let tries = 1, drops = 0; ; tries++) {
      const startedMs = performance.now();
      for (const [each, line] of tries === 1 ? firstTry(asked, job.count) : silentLines(asked)) {
        await room.free();
        signal.throwIfAborted();
        if (!each.refused) void send(each, line);
      }
      const spentMs = tries < TRIES ? performance.now() - startedMs : 0;
      const waitMs = Math.max(pace.silenceMs / TRIES - spentMs, pace.silenceMs / LEAST_WAIT);
      await listenFor(waitMs, completion(), () => news, signal);
      if (asked.every(({ complete }) => complete)) return;
      const silent = silentLines(asked);
      if (tries < TRIES) continue;
      if (silent.length === 0) return;
      const dropped = await outlet.drops(system);
      if (dropped === drops) return;
      drops = dropped;
      if (tries < TRIES + MORE_TRIES) continue;
      for (const [each] of silent) each.failed('ENOBUFS');
      return;
    }
  } finally {
    await outlet.close();
  }

  async function send(each: AskedPort, line: Line): Promise<void> {
    const number = nextNumber(run, job.to, each.port, line.form, job.address);
    const sent = each.sending(line, number);
    room.enter(sent);
    const datagram = bytesOf(run, job, each.port, line.form, number);
    let errno = await outlet.send(each, datagram);
    for (let again = 0; again < TRIES && errno !== null && each.cameBack(errno) && !each.refused; again++) {
      failed(each, errno);
      errno = await outlet.send(each, datagram);
    }
    if (errno === null) return each.taken();
    if (LOCAL_LIMITS.has(errno)) each.notSent(line, number);
    failed(each, errno);
    room.leave(sent);
  }

  function heard(datagram: Buffer, port: number, source: string): void {
    const each = byPort.get(port);
    if (each === undefined) return;
    const echo = decodeEcho(run, port, datagram);
    const fromThere = source === outlet.address;
    if (echo !== null && fromThere) {
      news++;
      const sent = each.echoed(echo, job.to);
      if (sent !== null) room.leave(sent);
      tell(each);
    } else if (echo !== null || fromThere) {
      // Our words from elsewhere, or other words from there. Other words from elsewhere have nothing to do with us.
      each.stranger();
    }
  }

  function failed(each: AskedPort, errno: string): void {
    news++;
    each.failed(errno);
    tell(each);
  }

  function tell(each: AskedPort): void {
    if (!each.complete || !incomplete.delete(each)) return;
    outlet.done(each);
    if (incomplete.size === 0) allComplete();
  }

  /** Settles when nothing more has to come. */
  function completion(): Promise<undefined> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    allComplete = () => resolve(undefined);
    incomplete = new Set(asked.filter(({ complete }) => !complete));
    if (incomplete.size === 0) allComplete();
    return promise;
  }
}

/** Forms take turns, so that each of them meets the same moments of the network. */
function* firstTry(asked: readonly AskedPort[], count: number): Generator<readonly [AskedPort, Line]> {
  for (let n = 0; n < count; n++) for (const each of asked) for (const line of each.lines) yield [each, line];
}

function silentLines(asked: readonly AskedPort[]): (readonly [AskedPort, Line])[] {
  return asked.flatMap((each) => each.lines.flatMap((line) => (each.silent(line) ? [[each, line] as const] : [])));
}
