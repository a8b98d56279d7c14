import { isIP } from 'node:net';
import type { SenderSaw } from '../evidence/reach.ts';
import { LOCAL_LIMITS } from '../values/local-limits.ts';
import { portsOf, type PortRange } from '../values/port-range.ts';
import type { Held, Pace, Run, SentTcp } from './ends.ts';
import { mergeSeen, slowestAndQuickest } from './merge.ts';
import { startFlight, type Flight } from './pacing.ts';
import { carryBulk } from './tcp-bulk.ts';
import { hangUp, talk, type Party, type Talk, type TalkEnd } from './tcp-talk.ts';

export interface TcpJob {
  /** Key of the member that should answer. */
  readonly to: string;
  readonly address: string;
  readonly ports: readonly PortRange[];
  readonly greeting: boolean;
  readonly repeat: number;
  readonly hold: boolean;
  readonly bulk: boolean;
  /** Port of the listener, where `address` and `ports` are those of a load balancer before it. */
  readonly listenerPort?: number;
}

/** Milliseconds until a connect is made again. */
const RETRY_MS = 50;
/** When no connect at all could be made for so many times the time of silence, the machine's own limit is what is reported. */
const LIMIT_SILENCES = 2;

/** A listener without a descriptor left, or crowded out by strangers, takes a connection and ends it without a greeting: so often it is tried again. */
const TURNED_AWAY_TRIES = 3;

const RANKS = { silence: 0, error: 1, refused: 2, accepted: 3, answered: 4 } as const;
const WRONG_MEMBER = 5;

/**
 * Connects to each port of the job, `repeat` times, and tells the best that came of it; an answer of a member that was not asked goes before
 * all. A local limit (LOCAL_LIMITS) is no outcome: the connect is made again with fewer on the way; only
 * when it lasts it is reported, as an `error` at once. A connection that ends without a word is tried again too. `held` has the local ports of
 * held connects as far as Node tells them (24 does of pending ones too); those that it lacks stand in the SYN_SENT rows of the kernel's table. With half
 * of `pace.sockets` held, no more are.
 * When aborted it destroys all that it opened, what it holds too, and rejects with the signal's reason.
 */
export async function sendTcp(run: Run, job: TcpJob, pace: Pace, held: Held, signal: AbortSignal): Promise<SentTcp> {
  signal.throwIfAborted();
  if (isIP(job.address) === 0) throw new RangeError(`'${job.address}' is no IP address`);
  const expected = run.members.find(({ key }) => key === job.to) ?? null;
  const { address, greeting, listenerPort } = job;
  const party: Party = { run, address, expected, greeting, ...(listenerPort === undefined ? {} : { listenerPort }) };
  const kept: Kept[] = [];
  try {
    const saws = await connectAll(party, job, pace, (talk) => keep(talk, kept, held, pace), signal);
    const open = saws.find(([, { outcome, answeredBy }]) => outcome === 'answered' && answeredBy === job.to);
    const bulk = job.bulk && open !== undefined ? await carryBulk(party, open[0], pace, signal) : null;
    const localPorts = kept.flatMap(({ port, localPort }) => (localPort === null ? [] : [{ port, localPort }]));
    return { reaches: mergeSeen(saws), bulk, held: localPorts };
  } catch (error) {
    for (const connection of kept) connection.destroy();
    throw error;
  }
}

/** A connect that is held. */
interface Kept {
  readonly port: number;
  readonly localPort: number | null;
  destroy(): void;
}

/** False when as many are held as may be. */
function keep({ port, socket }: Talk, kept: Kept[], held: Held, { sockets = Infinity }: Pace): boolean {
  if (held.sockets.size >= sockets / 2) return false;
  const connection = { port, localPort: socket.localPort ?? null, destroy: () => hangUp(socket) };
  socket.once('close', () => held.sockets.delete(connection));
  held.sockets.add(connection);
  kept.push(connection);
  return true;
}

/** What was seen of each port, in ascending order. */
async function connectAll(
  party: Party,
  job: TcpJob,
  pace: Pace,
  hold: (talk: Talk) => boolean,
  signal: AbortSignal,
): Promise<readonly (readonly [port: number, saw: SenderSaw])[]> {
  const ports = portsOf(job.ports);
  const connects = ports.length * job.repeat;
  const saws = new Map<number, SenderSaw>();
  const again: { readonly port: number; readonly fromMs: number }[] = [];
  const turnedAway = new Map<number, number>();
  let started = 0;
  let limitedMs: number | null = null;

  const { sockets = Infinity } = pace;
  const flight: Flight<Talk> = startFlight(job.hold ? { ...pace, sockets: Math.ceil(sockets / 2) } : pace, {
    next: () => {
      const port = nextPort();
      return port === null ? null : start(port);
    },
    spent: () => started === connects && again.length === 0,
    silent: (each) => conclude(each, each.silence()),
  });
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    await Promise.race([flight.landed, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
    for (const left of flight.stop()) {
      left.forget();
      hangUp(left.socket);
    }
  }
  return [...saws].sort(([a], [b]) => a - b);

  function nextPort(): number | null {
    const retry = again[0];
    if (retry !== undefined && performance.now() >= retry.fromMs) return again.shift()?.port ?? null;
    return started === connects ? null : (ports[Math.floor(started++ / job.repeat)] ?? null);
  }

  function start(port: number): Talk {
    const events = {
      stirred: (ms: number) => {
        flight.took(ms);
        flight.stirred(connecting);
      },
      ended: (end: TalkEnd) => conclude(connecting, end),
    };
    const connecting = talk(party, port, started, events, null);
    return connecting;
  }

  function conclude(each: Talk, { saw, open }: TalkEnd): void {
    if (isLacking(saw)) {
      again.push({ port: each.port, fromMs: performance.now() + RETRY_MS });
      flight.tooMany();
    } else if (job.greeting && !open && isTurnedAway(each.port, saw)) {
      again.push({ port: each.port, fromMs: performance.now() + RETRY_MS });
    } else {
      if (saw.outcome === 'refused') flight.took(saw.waitedMs);
      note(each.port, { ...saw, sent: job.repeat });
    }
    if (!open || !job.hold || !hold(each)) hangUp(each.socket);
    flight.over(each);
  }

  /** Whether a limit of this machine refused the connect, and it is worth another try. */
  function isLacking({ atOnce, errno }: SenderSaw): boolean {
    if (!atOnce || errno === null || !LOCAL_LIMITS.has(errno)) {
      limitedMs = null;
      return false;
    }
    limitedMs ??= performance.now();
    return performance.now() - limitedMs < LIMIT_SILENCES * pace.silenceMs;
  }

  function isTurnedAway(port: number, { outcome, spoken, answeredBy }: SenderSaw): boolean {
    if (outcome !== 'accepted' || spoken || answeredBy !== null) return false;
    const tries = (turnedAway.get(port) ?? 0) + 1;
    turnedAway.set(port, tries);
    return tries <= TURNED_AWAY_TRIES * job.repeat;
  }

  function note(port: number, saw: SenderSaw): void {
    const before = saws.get(port);
    saws.set(port, before === undefined ? saw : tellsMore(before, saw, job.to));
  }
}

/** Of several connects to one port the one that tells more. */
function tellsMore(one: SenderSaw, other: SenderSaw, to: string): SenderSaw {
  const rank = ({ outcome, answeredBy }: SenderSaw) =>
    outcome === 'answered' && answeredBy !== to ? WRONG_MEMBER : RANKS[outcome];
  return rank(other) > rank(one) ? slowestAndQuickest(other, one) : slowestAndQuickest(one, other);
}
