import type { SavedPlan } from '../../evidence/schema.ts';
import type { Held, Member, Receiver, Run } from '../../probes/ends.ts';
import { createArrivals } from '../../probes/arrivals.ts';
import { clusterPlan } from '../messages/cluster-plan.ts';
import { watchLag, type LagWatch } from './lag.ts';
import { PeerError } from '../peer.ts';
import type { RequestOf } from '../messages/protocol.ts';

/** So many runs at a time take part here, of which each may hold thousands of listeners: those of a ring of ten neighbours, its own, and a few by hand. */
const MOST_RUNS = 16;

type Enlisting = RequestOf<'enlist'>;

/** This machine's part in one run, for as long as the coordinator keeps renewing it. */
export interface Lease {
  readonly id: string;
  /** Changes when the run's members do. */
  run: Run;
  endpoints: Enlisting['endpoints'];
  /** What the coordinator may say of the cluster. */
  asked: SavedPlan;
  /** Connects that are kept open until the other side's kernel was looked at. */
  readonly held: Held;
  readonly lag: LagWatch;
  /** Aborts when the lease ends, however it ends. */
  readonly ended: AbortSignal;
}

export interface Leases {
  /** A new lease, or new members of one that holds. Throws a PeerError. */
  enlist(request: Enlisting): void;
  renew(id: string): void;
  /** Throws a PeerError where there is none. */
  of(id: string): Lease;
  runOf: Receiver['runOf'];
  end(id: string): Promise<void>;
  /** The same for all; what is being closed already is waited for. */
  endAll(): Promise<void>;
}

export interface LeaseOptions {
  readonly instance: Buffer;
  /** Milliseconds without renewal after which a lease has lapsed. */
  readonly leaseMs: number;
  /** Closes what was opened for a lease. */
  readonly atEnd: (lease: Lease) => Promise<void>;
}

/** The runs that this machine takes part in. */
export function createLeases({ instance, leaseMs, atEnd }: LeaseOptions): Leases {
  const closing = new Set<Promise<void>>();
  const leases = new Map<string, { readonly lease: Lease; readonly timer: NodeJS.Timeout; readonly end: () => void }>();

  function known(id: string) {
    const found = leases.get(id);
    if (found === undefined)
      throw new PeerError('rejected', 'this machine takes no part in that run, or its lease has lapsed');
    return found;
  }

  function add(id: string, run: Run, { endpoints, plan }: Enlisting): void {
    if (leases.size >= MOST_RUNS)
      throw new PeerError(
        'rejected',
        `this machine takes part in ${MOST_RUNS} runs already: wait until one of them is over`,
      );
    const controller = new AbortController();
    const lease: Lease = {
      id,
      run,
      endpoints,
      asked: clusterPlan(plan),
      held: { sockets: new Set() },
      lag: watchLag(),
      ended: controller.signal,
    };
    // What is open for it keeps the process alive, and not the lease itself.
    const timer = setTimeout(() => void end(id), leaseMs).unref();
    leases.set(id, { lease, timer, end: () => controller.abort() });
  }

  async function end(id: string): Promise<void> {
    const found = leases.get(id);
    if (found === undefined) return;
    leases.delete(id);
    clearTimeout(found.timer);
    found.lease.lag.stop();
    found.end();
    releaseHeld(found.lease);
    const closed = atEnd(found.lease);
    closing.add(closed);
    await closed.finally(() => closing.delete(closed));
  }

  return {
    enlist: (request) => {
      const members = request.members.map(memberOf);
      const self = members.findIndex(({ key }) => key === request.self);
      if (members[self]?.instance.equals(instance) !== true)
        throw new PeerError('rejected', 'the run takes this machine for another process than the one that answers');
      const secret = Buffer.from(request.secret, 'base64url');
      const before = leases.get(request.run)?.lease;
      if (before !== undefined && !before.run.secret.equals(secret))
        throw new PeerError('rejected', 'a run of this name takes place here already, and it has another secret');
      // Arrivals name their sender by its place in the list.
      const arrivals =
        before?.run.members.every(({ key }, place) => members[place]?.key === key) === true
          ? before.run.arrivals
          : createArrivals();
      const run: Run = { id: Buffer.from(request.run, 'hex'), secret, members, self, arrivals };
      if (before === undefined) return add(request.run, run, request);
      before.run = run;
      before.endpoints = request.endpoints;
      before.asked = clusterPlan(request.plan);
      known(request.run).timer.refresh();
    },
    renew: (id) => void known(id).timer.refresh(),
    of: (id) => known(id).lease,
    runOf: (id) => leases.get(id.toString('hex'))?.lease.run ?? null,
    end,
    endAll: async () => void (await Promise.all([...closing, ...[...leases.keys()].map(end)])),
  };
}

function memberOf({ key, instance, addresses }: Enlisting['members'][number]): Member {
  return { key, instance: Buffer.from(instance, 'base64url'), addresses };
}

export function releaseHeld({ held }: Lease): void {
  for (const socket of held.sockets) socket.destroy();
  held.sockets.clear();
}
