import { codeOf } from '../system/errors.ts';
import type { System } from '../system/system.ts';
import { listenFor } from './datagram-pacing.ts';
import { closeSocket, transmit } from './datagram-socket.ts';
import { decodeEcho, encodeRequest, nextNumber, SMALLEST } from './datagram.ts';
import type { Pace, Run } from './ends.ts';
import { parseNamedLines, parsePairedLines } from './kernel-counters.ts';
import type { AnsweringMember } from './mtu-member.ts';

/** What became of a size: it arrived whole; somebody, this kernel included, said that it is too big; it vanished. */
export type Fate = 'passed' | 'told' | 'silent';

/** Bytes of the headers of IP and UDP. */
const HEADERS = { 4: 20 + 8, 6: 40 + 8 } as const;

/** After the small datagram that went last came back, those before it have so long, or twice its round trip. Milliseconds. */
const GRACE_MS = 50;
const GRACE_TRIPS = 2;

/** Rounds that tell nothing, one after the other. */
const VOID_ROUNDS = 5;

/** Nothing can be said of the path; the message is a sentence for the report. */
export class Unmeasurable extends Error {
  override readonly name = 'Unmeasurable';
}

export interface MtuPath {
  /** Bytes of the packets that are known to pass. */
  readonly smallest: number;
  /** Sends packets of these sizes in bytes, side by side and as often as needed; a size passed with one, and failed with `tries` of one kind. */
  settle(sizes: readonly number[], tries: number): Promise<ReadonlyMap<number, Fate>>;
  close(): Promise<void>;
}

interface MtuPathInput {
  readonly run: Run;
  readonly system: System;
  readonly member: AnsweringMember;
  readonly family: 4 | 6;
  readonly pace: Pace;
  readonly signal: AbortSignal;
}

/**
 * The kernel sends datagrams with the flag "don't fragment" as long as it knows no smaller path MTU; of others it makes fragments itself, and those
 * prove nothing. Whether it did is seen by its counter right before and after. An error that comes back does not say which
 * datagram it is about, and is told by the next call, whatever that sends; the kernel remembers the path MTU that came with it, so that the next try of
 * the same size shows.
 */
export function createMtuPath({ run, system, member, family, pace, signal }: MtuPathInput): MtuPath {
  const { to, port, socket } = member;
  const smallest = SMALLEST + HEADERS[family];
  const echoed = new Set<number>();
  let onEcho = (): void => undefined;
  let tooBig = false;
  let why = '';
  socket.on('message', (datagram) => {
    const echo = decodeEcho(run, port, datagram);
    if (echo?.by !== to || echo.form !== 'sized') return;
    echoed.add(echo.number);
    onEcho();
  });
  socket.on('error', (error) => {
    if (codeOf(error) === 'EMSGSIZE') tooBig = true;
  });

  async function send(size: number): Promise<{ readonly number: number; readonly errno: string | null }> {
    const number = nextNumber(run, to, port, 'sized');
    const request = encodeRequest(run, to, port, { form: 'sized', number }, size - HEADERS[family]);
    return { number, errno: await transmit(socket, request, null) };
  }

  /** Null when the round tells nothing. */
  async function round(sizes: readonly number[]): Promise<ReadonlyMap<number, Fate> | null> {
    tooBig = false;
    let fragments = await fragmentsMade(system, family);
    const sent: { readonly size: number; readonly number: number; readonly local: 'told' | null }[] = [];
    for (const size of sizes) {
      const { number, errno } = await send(size);
      const made = await fragmentsMade(system, family);
      if (errno !== null && errno !== 'EMSGSIZE') {
        why = `the sender cannot send: ${errno}`;
        return null;
      }
      sent.push({ size, number, local: errno !== null || made > fragments ? 'told' : null });
      fragments = made;
    }
    let control = await send(smallest);
    if (control.errno !== null) control = await send(smallest);
    const sentMs = performance.now();
    if ((await fragmentsMade(system, family)) > fragments) {
      why = 'the sender fragments packets of others all the time';
      return null;
    }

    const all = sent.filter(({ local }) => local === null).map(({ number }) => number);
    await until(() => echoed.has(control.number), pace.silenceMs);
    if (!echoed.has(control.number)) {
      why = 'even small datagrams are lost';
      return null;
    }
    const graceMs = Math.max(GRACE_MS, GRACE_TRIPS * (performance.now() - sentMs));
    await until(() => all.every((number) => echoed.has(number)), graceMs);
    return new Map(
      sent.map(({ size, number, local }) => {
        if (local !== null) return [size, local];
        return [size, echoed.has(number) ? 'passed' : tooBig ? 'told' : 'silent'];
      }),
    );
  }

  async function until(done: () => boolean, ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    onEcho = () => {
      if (done()) resolve(undefined);
    };
    onEcho();
    await listenFor(ms, promise, () => echoed.size, signal);
  }

  return {
    smallest,
    async settle(sizes, tries) {
      const fates = new Map<number, Fate>();
      const failures = new Map(sizes.map((size) => [size, { told: 0, silent: 0 }]));
      for (let voidRounds = 0; failures.size > 0;) {
        const seen = await round([...failures.keys()]);
        voidRounds = seen === null ? voidRounds + 1 : 0;
        if (voidRounds === VOID_ROUNDS) throw new Unmeasurable(why);
        for (const [size, fate] of seen ?? []) {
          const failed = failures.get(size);
          if (fate !== 'passed' && failed !== undefined && ++failed[fate] < tries) continue;
          fates.set(size, fate);
          failures.delete(size);
        }
      }
      return fates;
    },
    close: () => closeSocket(socket),
  };
}

/** FragCreates of /proc/net/snmp, Ip6FragCreates of /proc/net/snmp6: fragments that this machine made. */
async function fragmentsMade(system: System, family: 4 | 6): Promise<number> {
  const made =
    family === 6
      ? parseNamedLines(await system.readText('/proc/net/snmp6')).get('Ip6FragCreates')
      : parsePairedLines(await system.readText('/proc/net/snmp'), 'Ip').get('FragCreates');
  return made ?? 0;
}
