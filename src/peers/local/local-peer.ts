import type { SavedPlan } from '../../evidence/schema.ts';
import { savedPlanSchema } from '../../plan/saved-plan-schema.ts';
import type { Plan } from '../../plan/settings.ts';
import type { Receiver } from '../../probes/ends.ts';
import { newKey } from '../../probes/seal.ts';
import type { System } from '../../system/system.ts';
import { canonicalIp } from '../../values/ip.ts';
import { inRange } from '../../values/port-range.ts';
import { PROGRAM } from '../../values/program-name.ts';
import { clusterPlan } from '../messages/cluster-plan.ts';
import { createLeases, releaseHeld, type Lease } from './lease.ts';
import { createListeners, type Listeners } from './listeners.ts';
import { readLimits } from './local-limits.ts';
import { whyNotHeld } from './may-hold.ts';
import { openPorts } from './open-ports.ts';
import type { PodsHere } from './pods-here.ts';
import { PeerError, type Peer } from '../peer.ts';
import {
  LEASE_MS,
  PROTOCOL,
  type AnswerOf,
  type MessageName,
  type Opening,
  type RequestOf,
} from '../messages/protocol.ts';
import { send } from './sending.ts';
import { asOpenings, lookAround } from './sight.ts';

export interface LocalPeerOptions {
  readonly key: string;
  readonly system: System;
  /** This machine's own plan. */
  readonly plan: Pick<Plan, 'settings'>;
  /** What of it was said, and no default. */
  readonly said: SavedPlan;
  /** Of this program. */
  readonly version: string;
  /** Readings of facts by name, where nobody said otherwise here by this plan. */
  readonly readFacts: (names: readonly string[], plan: SavedPlan) => Promise<Record<string, unknown>>;
  /** Pods of this machine that may take part; none unless said. */
  readonly pods?: PodsHere;
  /** How ports are opened that a run asks for: by the catalogue unless said. */
  readonly open?: OpenAsked;
  /** Hears of every run that begins with this machine as a peer: addresses of the one that conducts it, none where that takes no part itself. */
  readonly met?: (addresses: readonly string[]) => void;
  /** Milliseconds without renewal after which a lease has lapsed: 15,000 unless said. */
  readonly leaseMs?: number;
}

/** Opens what may be opened of what a run asks for, and tells what became of each. */
export type OpenAsked = (
  lease: Lease,
  listeners: Listeners,
  openings: readonly Opening[],
) => Promise<AnswerOf<'open'>['opened']>;

export interface LocalPeer extends Peer {
  /** Ends all leases; settles when everything that was opened for them is closed. */
  closeAll(): Promise<void>;
}

type Handlers = {
  readonly [M in MessageName]: (request: RequestOf<M>, signal: AbortSignal) => Promise<AnswerOf<M>>;
};

/** This machine as a member of runs. What it is asked for and may not do it rejects with a PeerError, or says so in the answer. */
export function createLocalPeer(options: LocalPeerOptions): LocalPeer {
  const { key, system, plan, version, readFacts, pods, leaseMs = LEASE_MS } = options;
  const said = savedPlanSchema().parse(options.said);
  const own = plan.settings;
  // Other runs on this machine then know whose listeners these are.
  process.title = PROGRAM;
  const instance = newKey();
  const receiver: Receiver = { instance, runOf: (id) => leases.runOf(id) };
  const listeners = createListeners(receiver);
  const atEnd = async (lease: Lease) => {
    await Promise.all([listeners.leave(lease.id), pods?.leave(lease)]);
  };
  const leases = createLeases({ instance, leaseMs, atEnd });

  const handlers: Handlers = {
    meet: async ({ addresses = [] }) => {
      options.met?.(addresses);
      return {
        protocol: PROTOCOL,
        version,
        said,
        instance: instance.toString('base64url'),
        limits: await readLimits(system),
        addresses: (await system.addresses()).map(({ address }) => address),
      };
    },
    facts: async ({ names, plan: theirs }) => ({ facts: await readFacts(names, clusterPlan(theirs)) }),
    enlist: async (request) => {
      leases.enlist(request);
      return {};
    },
    renew: async ({ run }) => {
      leases.renew(run);
      // Somebody may have begun to join this machine while we listen in the place of its components.
      if (listeners.holdsComponents() && (await whyNotHeld(system, own)) !== null) await listeners.closeComponents();
      return {};
    },
    open: async ({ run, openings }) => ({
      opened: await (options.open === undefined
        ? openPorts({ system, own, listeners }, leases.of(run), openings)
        : options.open(leases.of(run), listeners, openings)),
    }),
    send: async (request, signal) => {
      const lease = leases.of(request.run);
      return send({ system, own }, lease, request, AbortSignal.any([signal, lease.ended]));
    },
    look: async (question) => {
      const lease = leases.of(question.run);
      return lookAround(system, lease.run, question, asOpenings(listeners.of(lease.id)), lease.lag.take());
    },
    release: async ({ run }) => {
      releaseHeld(leases.of(run));
      return {};
    },
    shut: async ({ run, openings }) => {
      const placeOf = ({ protocol, address }: Pick<Opening, 'protocol' | 'address'>) =>
        `${protocol} ${canonicalIp(address)}`;
      const over = Map.groupBy(openings, placeOf);
      await listeners.leave(leases.of(run).id, (place) =>
        (over.get(placeOf(place)) ?? []).some(({ ports }) => inRange(ports, place.port)),
      );
      return {};
    },
    leave: async ({ run }) => {
      // Thousands of listeners take a while to close, and nobody has to wait for that.
      void leases.end(run);
      return {};
    },
    'open-pods': async (request, signal) => {
      const lease = leases.of(request.run);
      return takingPart(pods).open(lease, request, signal);
    },
    'in-pod': async (request, signal) => {
      const lease = leases.of(request.run);
      return takingPart(pods).inPod(lease, request, AbortSignal.any([signal, lease.ended]));
    },
    'close-pods': async ({ run }) => takingPart(pods).close(leases.of(run)),
    clock: async () => {
      const receivedMs = system.now();
      return { receivedMs, sentMs: system.now() };
    },
  };

  return {
    key,
    call: async (message, request, signal) => {
      try {
        signal.throwIfAborted();
        return await handlers[message](request, signal);
      } catch (error) {
        throw asPeerError(error, signal);
      }
    },
    close: () => void leases.endAll(),
    closeAll: () => leases.endAll(),
  };
}

function takingPart(pods: PodsHere | undefined): PodsHere {
  if (pods === undefined) throw new PeerError('rejected', 'it has no pods');
  return pods;
}

/** Only a PeerError leaves here, so that neither end of a control channel ever shows a stack. */
function asPeerError(error: unknown, signal: AbortSignal): PeerError {
  if (error instanceof PeerError) return error;
  if (signal.aborted) return new PeerError('silent', 'it was not waited for until it was done');
  if (error instanceof Error && error.name === 'AbortError')
    return new PeerError('rejected', 'the lease ended before it was done');
  return new PeerError('rejected', `it failed there: ${error instanceof Error ? error.message : String(error)}`);
}
