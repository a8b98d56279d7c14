import type { Bulk, Reach } from '../../evidence/reach.ts';
import { intersect, type PortRange } from '../../values/port-range.ts';
import type { AnswerOf, Job, JobResult, Opened, Sight } from '../messages/protocol.ts';
import { compose } from './compose.ts';
import type { Members } from './members.ts';
import type { Piece } from './pieces.ts';

/** What is to be tried of a piece, and how. */
export interface Trial {
  readonly piece: Piece;
  /** Parts of the piece's ports; the whole of it unless said. */
  readonly ports: readonly PortRange[];
  readonly bulk: boolean;
  /** Connects to each port at a time. */
  readonly repeat: number;
  /** UDP: a socket for each port, which hears of refusals. */
  readonly connected: boolean;
}

/** What came of it. */
export interface Looked {
  readonly trial: Trial;
  /** Of the whole piece; ports that were not tried read as not sent. */
  readonly reaches: readonly Reach[];
  readonly bulk: Bulk | null;
  /** Milliseconds that one of the two machines did not come to look at its sockets. */
  readonly lagMs: number;
}

export interface Pacing {
  /** Probes of the whole run that are on the way at a time. */
  readonly inFlight: number;
  readonly silenceMs: number;
  readonly attempts: number;
}

/**
 * Sends, looks at both sides while what heard nothing is still held, and lets go. Every sender sends at the same time, each with its share of
 * what may be on the way.
 */
export async function look(
  members: Members,
  run: string,
  trials: readonly Trial[],
  openedOf: (piece: Piece) => readonly Opened[],
  pacing: Pacing,
): Promise<Looked[]> {
  const bySender = [...Map.groupBy(trials, ({ piece }) => piece.request.from)];
  const share = Math.max(4, Math.floor(pacing.inFlight / Math.max(1, bySender.length)));
  const sent = new Map<Trial, { readonly results: readonly JobResult[]; readonly lagMs: number }>();
  await Promise.all(
    bySender.map(async ([sender, own]) => {
      const jobs = own.map((trial) => jobsOf(trial, openedOf(trial.piece)));
      const answer = await members.call(sender, 'send', {
        run,
        jobs: jobs.flat(),
        inFlight: share,
        silenceMs: pacing.silenceMs,
      });
      if (answer === null) return;
      let at = 0;
      for (const [index, trial] of own.entries()) {
        const count = jobs[index]?.length ?? 0;
        sent.set(trial, { results: answer.results.slice(at, at + count), lagMs: answer.lagMs });
        at += count;
      }
    }),
  );
  // Where a listener of ours answered every connect there is nothing to see in the kernel's table.
  const connections = [...sent.values()].some(({ results }) => results.some(leftOpen)) || sent.size < trials.length;
  const sights = await sightsOf(members, run, trials, connections);
  await Promise.all(bySender.map(([sender]) => members.call(sender, 'release', { run })));

  return trials.map((trial) => {
    const { piece } = trial;
    const { from, to } = piece.request;
    const answer = sent.get(trial);
    const results = (answer?.results ?? []).filter((result) => result.kind === 'reach');
    const sight = answer === undefined ? null : (sights.get(to) ?? null);
    const why = answer === undefined ? lostWhy(members, from) : lostWhy(members, to);
    const marks = {
      key: from,
      addresses: members.of(from)?.addresses ?? [],
      held: results.flatMap(({ held }) => held),
    };
    const seen = results.flatMap(({ reaches }) => reaches);
    const reaches = compose(piece, seen, { opened: openedOf(piece), sight, why }, marks, pacing.attempts);
    const refused = (answer?.results ?? []).find((result) => result.kind === 'refused');
    return {
      trial,
      reaches: neighbours(
        refused === undefined ? reaches : notSent(reaches, `${from} does not send there: ${refused.detail}`),
        piece,
        sights.get(from) ?? null,
      ),
      bulk: results.map(({ bulk }) => bulk).find((bulk) => bulk !== null) ?? null,
      lagMs: Math.max(answer?.lagMs ?? 0, sight?.lagMs ?? 0),
    };
  });
}

function leftOpen(result: JobResult): boolean {
  return result.kind === 'reach' && result.reaches.some(({ saw }) => saw.outcome !== 'answered');
}

function lostWhy(members: Members, key: string): string {
  return members.lost(key) ?? `${key} did not say what it saw`;
}

/** Listeners of ours prove themselves; of a real owner all there is to see is that it takes the connection. Nobody else is sent anything. */
function jobsOf({ piece, ports, bulk, repeat, connected }: Trial, opened: readonly Opened[]): Job[] {
  const { request } = piece;
  const { to, address } = request;
  const within = (listener: Opened['listener']) =>
    opened
      .filter((each) => each.listener === listener)
      .flatMap((each) => ports.flatMap((range) => intersect(range, each.ports) ?? []));
  const ours = within('ours');
  if (request.kind === 'udp') {
    const { count, dress } = request;
    return ours.length === 0 ? [] : [{ kind: 'udp', to, address, ports: ours, count, dress, connected }];
  }
  const others = [...within('owner'), ...within('none')];
  const tcp = { kind: 'tcp', to, address, repeat, hold: true } as const;
  return [
    ...(ours.length === 0 ? [] : [{ ...tcp, ports: ours, greeting: true, bulk }]),
    ...(others.length === 0 ? [] : [{ ...tcp, ports: others, greeting: false, bulk: false }]),
  ];
}

/** What every machine that sent or received sees now; of receivers what arrived and what is half-open. */
async function sightsOf(
  members: Members,
  run: string,
  trials: readonly Trial[],
  connections: boolean,
): Promise<Map<string, AnswerOf<'look'>>> {
  const machines = [...new Set(trials.flatMap(({ piece: { request } }) => [request.from, request.to]))];
  const found = await Promise.all(
    machines.map(async (key) => {
      const ports = trials
        .filter(({ piece }) => piece.request.to === key)
        .flatMap(({ piece, ports: tried }) => tried.map((range) => ({ protocol: piece.request.kind, ports: range })));
      return [key, await members.call(key, 'look', { run, from: null, ports: distinct(ports), connections })] as const;
    }),
  );
  return new Map(found.flatMap(([key, sight]) => (sight === null ? [] : [[key, sight] as const])));
}

type Ports = { readonly protocol: 'tcp' | 'udp'; readonly ports: PortRange };

function distinct(ports: readonly Ports[]): Ports[] {
  return [...new Map(ports.map((each) => [JSON.stringify(each), each])).values()];
}

/** Of a listener of ours nothing is known where the sender refused to send. */
function notSent(reaches: readonly Reach[], why: string): Reach[] {
  return reaches.map((reach) =>
    reach.sender.sent === 0 && reach.receiver?.listener === 'ours' ? { ...reach, undecided: why } : reach,
  );
}

/** The neighbour entry of who was asked, where the sender heard nothing of it. */
function neighbours(reaches: readonly Reach[], { request }: Piece, sight: Sight | null): Reach[] {
  return reaches.map((reach) => {
    const { sender } = reach;
    if (sender.sent === 0 || (sender.outcome !== 'silence' && sender.outcome !== 'error')) return reach;
    const neighbour = sight === null ? null : sight.neighboursFailed.includes(request.address) ? 'failed' : null;
    return neighbour === null ? reach : { ...reach, sender: { ...sender, neighbour } };
  });
}
