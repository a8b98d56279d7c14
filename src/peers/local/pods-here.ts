import type { PodsHow, PodsResult } from '../../evidence/pods.ts';
import interfaces from '../../facts/interfaces.ts';
import routes from '../../facts/routes.ts';
import { cniDirectories } from '../../facts/runtimes/cni-directories.ts';
import { nodeAddresses } from '../../kubernetes/node-address.ts';
import type { Settings } from '../../plan/settings.ts';
import type { OpenedPods } from '../../pods/opened-pods.ts';
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
  open(lease: Lease, request: RequestOf<'open-pods'>, signal: AbortSignal): Promise<AnswerOf<'open-pods'>>;
  inPod(lease: Lease, request: RequestOf<'in-pod'>, signal: AbortSignal): Promise<AnswerOf<'in-pod'>>;
  /** Settles when everything is put back. */
  close(lease: Lease): Promise<AnswerOf<'close-pods'>>;
  /** The same at the end of a lease, whether it has any or not. */
  leave(lease: Pick<Lease, 'id'>): Promise<void>;
  /** The same for all leases; what is being put back already is waited for. */
  closeAll(): Promise<void>;
}

interface Held {
  readonly opened: OpenedPods;
  readonly agents: ReadonlyMap<number, Peer>;
}

export function createPodsHere({ system, own, allowed, programs }: PodsHereOptions): PodsHere {
  const held = new Map<string, Promise<Held>>();
  const leaving = new Set<Promise<void>>();

  const make = async (how: PodsHow, count: number, signal: AbortSignal): Promise<Held> => {
    const places = cniDirectories(system, own);
    const { openPods } = await import('../../pods/open-pods.ts');
    const machine = { system, settings: own, places, ...programs };
    const opened = await openPods(machine, { how, count, timeoutMs: own.timeout, signal });
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
      await Promise.all([...leaving, ...[...held.keys()].map((id) => leave({ id }))]);
    },
  };
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
