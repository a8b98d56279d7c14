import { randomBytes } from 'node:crypto';
import { coordinate } from '../peers/coordinator/coordinator.ts';
import { enlist, type Members, type Met } from '../peers/coordinator/members.ts';
import { noRoomFor, type NoRoom } from '../peers/coordinator/room.ts';
import type { SaidPlan } from '../peers/messages/protocol.ts';
import { formatDuration } from '../values/duration.ts';
import { machinesOf } from '../values/probe-machines.ts';
import type { FactTable } from './facts.ts';
import { peerFacts } from './peer-facts.ts';
import type { Probed, ProbeRequest } from './probes.ts';
import { toSaved } from './saved-probes.ts';
import { EVIDENCE_SCHEMA, type Evidence } from './schema.ts';
import type { Machine, Source } from './source.ts';
import { unreadProbe } from './unread-probe.ts';

/** A machine of the run besides this one, in the order in which the user named it: met, or why not. */
export type PeerPlace =
  | { readonly machine: Machine; readonly met: Met }
  | { readonly machine: Machine & { readonly unreachable: string }; readonly met: null };

export interface PeeredOptions {
  /** This machine, as a source and as a member of the run; null where it takes no part. */
  readonly own: { readonly source: Source; readonly met: Met } | null;
  readonly peers: readonly PeerPlace[];
  readonly facts: FactTable;
  /** What holds for all nodes of the run. */
  readonly plan: SaidPlan;
  /** Milliseconds that one attempt may take. */
  readonly timeout: number;
  /** Milliseconds that the whole run may take. */
  readonly budget: number;
  readonly tool: Evidence['tool'];
  /** Aborts with an Ending as its reason. */
  readonly signal: AbortSignal;
}

export interface PeeredSource extends Source {
  /** Settles once the peers are letting go of what they hold for this run: thousands of ports take them a moment more. */
  settled(): Promise<void>;
}

/** This machine and its peers, live: facts are asked of each, and packets sent between them. */
export function peeredSource(options: PeeredOptions): PeeredSource {
  const { own, peers, facts, plan, timeout, budget, tool, signal } = options;
  const takenAt = new Date().toISOString();
  const self = own?.source.machines[0];
  const machines = [...(self === undefined ? [] : [self]), ...peers.map(({ machine }) => machine)];
  const met = [...(own === null ? [] : [own.met]), ...peers.flatMap((place) => place.met ?? [])];
  const readers = new Map(
    peers.map(({ machine, met: peer }) => [machine.key, peerFacts(machine, peer, facts, plan, signal)]),
  );
  const found: Probed[] = [];
  let leaving: Promise<void> = Promise.resolve();

  return {
    machines,
    read: (machine, fact) => {
      const reader = readers.get(machine.key);
      if (reader !== undefined) return reader.read(fact);
      return own === null
        ? Promise.resolve({ unread: 'missing', detail: `${machine.key} takes no part` })
        : own.source.read(machine, fact);
    },
    settled: () => leaving,
    probe: async (requests, progress) => {
      await leaving;
      const run = randomBytes(8).toString('hex');
      const secret = randomBytes(32).toString('base64url');
      const endpoints = requests.flatMap((request) =>
        request.kind === 'endpoint' && request.pod === undefined
          ? [{ address: request.address, port: request.port }]
          : [],
      );
      const members = await enlist({ met, run, secret, endpoints, plan, signal });
      try {
        const noRoom = noRoomFor(requests, members);
        const able = requests.filter((request) => !noRoom.has(request));
        const known = await coordinate(able, { members, run, plan, timeout, signal, progress });
        const byRequest = new Map(known.map((probed) => [probed.request, probed] as const));
        const all = requests.map(
          (request) =>
            byRequest.get(request) ??
            unread(request, members, machines, noRoom.get(request) ?? null, endingOf(signal, budget)),
        );
        found.push(...all);
        return all;
      } finally {
        // What was seen is judged meanwhile.
        leaving = members.leave();
      }
    },
    evidence: () => ({
      schema: EVIDENCE_SCHEMA,
      tool,
      takenAt,
      nodes: [
        ...(own?.source.evidence().nodes ?? []).map((node) => ({
          ...node,
          ...(self === undefined ? {} : { key: self.key }),
          ...(self?.reachedBy === undefined ? {} : { reachedBy: self.reachedBy }),
        })),
        ...peers.map(({ machine }) => ({
          self: false,
          key: machine.key,
          peer: true,
          judged: machine.judged,
          ...(machine.unreachable === undefined ? {} : { unreachable: machine.unreachable }),
          ...(machine.problem === undefined ? {} : { problem: machine.problem }),
          ...(machine.ssh === undefined ? {} : { ssh: machine.ssh }),
          ...(machine.reachedBy === undefined ? {} : { reachedBy: machine.reachedBy }),
          plan: machine.said,
          facts: readers.get(machine.key)?.readings() ?? {},
        })),
      ],
      plan,
      probes: toSaved(
        found,
        machines.map(({ key }) => key),
      ),
    }),
  };
}

/** Nothing came of a request: because of a machine that could not be had or was lost, or because the time was up. */
function unread(
  request: ProbeRequest,
  members: Members,
  machines: readonly Machine[],
  noRoom: NoRoom | null,
  ending: string | null,
): Probed {
  const keys = machinesOf(request);
  const absent = machines.find(({ key, unreachable }) => keys.includes(key) && unreachable !== undefined);
  if (absent !== undefined)
    return unreadProbe(request, { unread: 'peer-unreachable', machine: absent.key, detail: absent.unreachable ?? '' });
  if (noRoom !== null) return unreadProbe(request, { unread: 'undecided', ...noRoom });
  const lost = keys.find((key) => members.lost(key) !== null);
  const why = (lost === undefined ? null : members.lost(lost)) ?? 'the run ended before it was tried';
  const detail = ending === null ? why : `${why.replace(/\.$/, '')}: ${ending}`;
  return unreadProbe(request, { unread: 'undecided', machine: lost ?? keys[0] ?? '', detail });
}

/** What ended the run before its time; null when nothing did. */
function endingOf({ aborted, reason }: AbortSignal, budget: number): string | null {
  if (!aborted) return null;
  return reason === 'budget-spent'
    ? `--budget of ${formatDuration(budget)} was used up; a longer one, such as --budget ${formatDuration(budget * 3)}, finishes it`
    : 'it was interrupted';
}
