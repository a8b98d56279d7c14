import type { PodsHow, PodsResult } from '../../evidence/pods.ts';
import interfaces from '../../facts/interfaces.ts';
import routes from '../../facts/routes.ts';
import { cniDirectories } from '../../facts/runtimes/cni-directories.ts';
import { nodeAddresses } from '../../kubernetes/node-address.ts';
import type { Settings } from '../../plan/settings.ts';
import type { OpenedPods, PodsMachine } from '../../pods/opened-pods.ts';
import type { BegunThrowAway, ReadyThrowAway } from '../../pods/throw-away/throw-away.ts';
import { SystemError, type System } from '../../system/system.ts';
import type { Lease } from './lease.ts';
import { isMessage } from '../messages/message-schemas.ts';
import { obey } from '../messages/obey.ts';
import { PeerError, type Peer } from '../peer.ts';
import type { AnswerOf, RequestOf } from '../messages/protocol.ts';
import { streamPeer } from '../stream/stream-peer.ts';

/** Programs of this one that work for it: command lines. */
interface PodPrograms {
  /** Runs inside a pod, and speaks over standard input and output. */
  readonly agent: readonly string[];
  /** Undoes what a journal names, whose path is appended. */
  readonly recover: readonly string[];
}

export interface PodsHereOptions {
  readonly system: System;
  readonly own: Settings;
  /** What this machine was told to take part in. */
  readonly allowed: readonly PodsHow[];
  readonly programs: PodPrograms;
}

/** The pods of this machine that take part in runs: those of one lease at a time. */
export interface PodsHere {
  /**
   * Throw-away pods of this number are about to be asked for, unless the signal aborts: what takes long and changes nothing of the machine is begun. Where
   * other machines take part it must not be: whoever has pods here meanwhile waits for those of others in one order. Settles when that is under way.
   */
  expect(count: number, signal: AbortSignal): Promise<void>;
  open(lease: Lease, request: RequestOf<'open-pods'>, signal: AbortSignal): Promise<AnswerOf<'open-pods'>>;
  inPod(lease: Lease, request: RequestOf<'in-pod'>, signal: AbortSignal): Promise<AnswerOf<'in-pod'>>;
  /** Settles when everything is put back. */
  close(lease: Lease): Promise<AnswerOf<'close-pods'>>;
  /** The same at the end of a lease, whether it has any or not. */
  leave(lease: Pick<Lease, 'id'>): Promise<void>;
  /** The same for all leases; what is being put back already is waited for. */
  closeAll(): Promise<void>;
}

/** Pods that were begun before they were asked for. */
interface Expected {
  readonly count: number;
  readonly begun: Promise<BegunThrowAway>;
}

interface Held {
  readonly opened: OpenedPods;
  readonly agents: ReadonlyMap<number, Peer>;
}

export function createPodsHere({ system, own, allowed, programs }: PodsHereOptions): PodsHere {
  const held = new Map<string, Promise<Held>>();
  const leaving = new Set<Promise<void>>();
  let expected: Expected | null = null;

  const machine = (): PodsMachine => ({ system, settings: own, places: cniDirectories(system, own), ...programs });

  const open = async (how: PodsHow, count: number, signal: AbortSignal): Promise<OpenedPods> => {
    const early = expected;
    expected = null;
    if (how === 'throw-away' && early?.count === count) return (await readyOf(early)).open(signal);
    await discard(early);
    const { openPods } = await import('../../pods/open-pods.ts');
    return openPods(machine(), { how, count, timeoutMs: own.timeout, signal });
  };

  const make = async (how: PodsHow, count: number, signal: AbortSignal): Promise<Held> => {
    const opened = await open(how, count, signal);
    const agents = opened.pods.map(
      ({ index, name, input, output }) => [index, streamPeer(name, input, output)] as const,
    );
    return { opened, agents: new Map(agents) };
  };

  const putBack = async (making: Promise<Held> | undefined): Promise<void> => {
    const opened = await making?.then(
      ({ opened: each }) => each,
      () => null,
    );
    await opened?.close();
  };
  const leave = async ({ id }: Pick<Lease, 'id'>): Promise<void> => {
    const ending = putBack(held.get(id));
    held.delete(id);
    leaving.add(ending);
    await ending.finally(() => leaving.delete(ending));
  };

  return {
    expect: async (count, signal) => {
      const begun = import('../../pods/throw-away/throw-away.ts').then(({ beginThrowAway }) =>
        beginThrowAway(machine(), { how: 'throw-away', count, timeoutMs: own.timeout, signal }),
      );
      expected = { count, begun };
      // What comes of it is for whoever opens or discards them.
      (await begun).ready.catch(() => undefined);
    },
    open: async (lease, { how, count }, signal) => {
      if (!allowed.includes(how)) return { told: notAllowed(how), pods: [], node: [], addresses: [] };
      if (held.has(lease.id)) throw new PeerError('rejected', 'the run has pods here already');
      // Whoever asked may give up until it is answered; after that the pods are there for as long as the lease.
      const ending = new AbortController();
      const giveUp = () => ending.abort();
      signal.addEventListener('abort', giveUp, { once: true });
      lease.ended.addEventListener('abort', giveUp, { once: true });
      if (signal.aborted) giveUp();
      const making = make(how, count, ending.signal);
      held.set(lease.id, making);
      try {
        const [{ opened }, node] = await Promise.all([making, nodeAddressesOf(system, own, signal)]);
        const addresses = (await system.addresses()).map(({ address }) => address);
        const pods = opened.pods.map(({ index, addresses }) => ({ pod: index, addresses: [...addresses] }));
        return { told: opened.result, pods, node, addresses };
      } catch (error) {
        await leave(lease);
        throw error;
      } finally {
        signal.removeEventListener('abort', giveUp);
      }
    },
    inPod: async ({ id }, { pod, message, request }, signal) => {
      const agent = (await held.get(id))?.agents.get(pod);
      if (agent === undefined) throw new PeerError('rejected', 'there is no such pod here');
      if (!isMessage(message)) throw new PeerError('rejected', 'there is no such message');
      return { answer: await obey(agent, message, request, signal) };
    },
    close: async ({ id }) => {
      const opened = (await held.get(id))?.opened;
      if (opened === undefined) throw new PeerError('rejected', 'the run has no pods here');
      const told = await opened.close();
      held.delete(id);
      return { told };
    },
    leave,
    closeAll: async () => {
      const early = expected;
      expected = null;
      await Promise.all([discard(early), ...leaving, ...[...held.keys()].map((id) => leave({ id }))]);
    },
  };
}

async function readyOf({ begun }: Expected): Promise<ReadyThrowAway> {
  return (await begun).ready;
}

async function discard(early: Expected | null): Promise<void> {
  if (early !== null) await (await readyOf(early)).discard();
}

function notAllowed(how: PodsHow): PodsResult {
  const detail = `its \`seaworthy listen\` was not started with --pods ${how}`;
  return { how, none: { why: 'not-allowed', detail }, network: null, pods: [], left: [], putBack: [], unclear: [] };
}

/** Addresses of the node: those that it was told, else those that a kubelet would choose. */
async function nodeAddressesOf(system: System, own: Settings, signal: AbortSignal): Promise<string[]> {
  if (own.nodeIp.length > 0) return own.nodeIp.slice(0, 8);
  const context = { plan: own, signal };
  try {
    const [known, ways] = await Promise.all([interfaces.read(system, context), routes.read(system, context)]);
    return nodeAddresses(known, ways).map(({ address }) => address);
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    return [];
  }
}
