import type { SavedPlan } from '../evidence/schema.ts';
import { savedPlanSchema } from '../plan/saved-plan-schema.ts';
import type { Plan } from '../plan/settings.ts';
import type { Receiver } from '../probes/ends.ts';
import { newKey } from '../probes/seal.ts';
import type { System } from '../system/system.ts';
import { canonicalIp } from '../values/ip.ts';
import { inRange } from '../values/port-range.ts';
import { clusterPlan } from './cluster-plan.ts';
import { createLeases, releaseHeld } from './lease.ts';
import { createListeners } from './listeners.ts';
import { readLimits } from './local-limits.ts';
import { whyNotHeld } from './may-hold.ts';
import { openPorts } from './open-ports.ts';
import { PeerError, type Peer } from './peer.ts';
import { LEASE_MS, PROTOCOL, type AnswerOf, type MessageName, type Opening, type RequestOf } from './protocol.ts';
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
  /** Milliseconds without renewal after which a lease has lapsed: 15,000 unless said. */
  readonly leaseMs?: number;
}

export interface LocalPeer extends Peer {
  /** Ends all leases; settles when everything that was opened for them is closed. */
  closeAll(): Promise<void>;
}

type Handlers = {
  readonly [M in MessageName]: (request: RequestOf<M>, signal: AbortSignal) => Promise<AnswerOf<M>>;
};

/** This machine as a member of runs. What it is asked for and may not do it rejects with a PeerError, or says so in the answer. */
export function createLocalPeer(options: LocalPeerOptions): LocalPeer {
  const { key, system, plan, version, readFacts, leaseMs = LEASE_MS } = options;
  const said = savedPlanSchema().parse(options.said);
  const own = plan.settings;
  const instance = newKey();
  const receiver: Receiver = { instance, runOf: (id) => leases.runOf(id) };
  const listeners = createListeners(receiver);
  const leases = createLeases({ instance, leaseMs, atEnd: ({ id }) => listeners.leave(id) });

  const handlers: Handlers = {
    meet: async () => ({
      protocol: PROTOCOL,
      version,
      said,
      instance: instance.toString('base64url'),
      limits: await readLimits(system),
      addresses: (await system.addresses()).map(({ address }) => address),
    }),
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
    open: async ({ run, plan: theirs, openings }) => ({
      opened: await openPorts({ system, own, listeners }, leases.of(run), clusterPlan(theirs), openings),
    }),
    send: async (request, signal) => {
      const lease = leases.of(request.run);
      return send(system, lease, request, AbortSignal.any([signal, lease.ended]));
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

/** Only a PeerError leaves here, so that neither end of a control channel ever shows a stack. */
function asPeerError(error: unknown, signal: AbortSignal): PeerError {
  if (error instanceof PeerError) return error;
  if (signal.aborted) return new PeerError('silent', 'it was not waited for until it was done');
  if (error instanceof Error && error.name === 'AbortError')
    return new PeerError('rejected', 'the lease ended before it was done');
  return new PeerError('rejected', `it failed there: ${error instanceof Error ? error.message : String(error)}`);
}
