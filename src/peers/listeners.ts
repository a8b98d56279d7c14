import type { OpenPort, Receiver } from '../probes/ends.ts';
import { listenTcp } from '../probes/tcp.ts';
import { listenUdp } from '../probes/udp.ts';
import { canonicalIp } from '../values/ip.ts';
import type { Catalogued } from './admission.ts';

/** A port of one address. */
export interface Place {
  readonly protocol: 'tcp' | 'udp';
  readonly address: string;
  readonly port: number;
}

interface Listener extends Place {
  readonly kind: Catalogued;
  /** Runs that it is open for. */
  readonly runs: Set<string>;
  readonly opened: Promise<OpenPort>;
  /** While it is being closed. */
  closed: Promise<void> | null;
}

/** Ports that are open here: one that several runs need is opened once, and closed with the last of them. */
export interface Listeners {
  /** Rejects with the system's error, and when the signal has aborted. */
  open(run: string, place: Place, kind: Catalogued, signal: AbortSignal): Promise<void>;
  has(place: Place): boolean;
  /** What is open for a run. */
  of(run: string): Place[];
  /** Closes those of a run, or some of them, that no other run needs. */
  leave(run: string, which?: (place: Place) => boolean): Promise<void>;
  /** Closes what a component of Kubernetes could need, whatever runs it is open for. */
  closeComponents(): Promise<void>;
  holdsComponents(): boolean;
}

export function createListeners(receiver: Receiver): Listeners {
  const all = new Map<string, Listener>();

  async function closeNow(key: string, listener: Listener): Promise<void> {
    try {
      await (await listener.opened).close();
    } catch {
      // It was never open.
    }
    if (all.get(key) === listener) all.delete(key);
  }

  function close(key: string, listener: Listener): Promise<void> {
    listener.closed ??= closeNow(key, listener);
    return listener.closed;
  }

  function closeWhere(isOver: (listener: Listener) => boolean): Promise<unknown> {
    return Promise.all([...all].filter(([, listener]) => isOver(listener)).map(([key, each]) => close(key, each)));
  }

  return {
    open: async (run, place, kind, signal) => {
      const key = keyOf(place);
      for (let closing = all.get(key)?.closed; closing != null; closing = all.get(key)?.closed) await closing;
      signal.throwIfAborted();
      const known = all.get(key);
      const listener = known ?? { ...place, kind, runs: new Set(), opened: listen(receiver, place), closed: null };
      all.set(key, listener);
      listener.runs.add(run);
      try {
        await listener.opened;
      } catch (error) {
        if (all.get(key) === listener) all.delete(key);
        throw error;
      }
    },
    has: (place) => all.get(keyOf(place))?.closed === null,
    of: (run) =>
      [...all.values()]
        .filter(({ runs, closed }) => closed === null && runs.has(run))
        .map(({ protocol, address, port }) => ({ protocol, address, port })),
    leave: async (run, which = () => true) => {
      await closeWhere((listener) => {
        if (!listener.runs.has(run) || !which(listener)) return false;
        listener.runs.delete(run);
        return listener.runs.size === 0;
      });
    },
    closeComponents: async () => void (await closeWhere(({ kind }) => kind === 'component')),
    holdsComponents: () => [...all.values()].some(({ kind }) => kind === 'component'),
  };
}

function listen(receiver: Receiver, { protocol, address, port }: Place): Promise<OpenPort> {
  return protocol === 'tcp' ? listenTcp(receiver, address, port) : listenUdp(receiver, address, port);
}

function keyOf({ protocol, address, port }: Place): string {
  return `${protocol} ${canonicalIp(address)} ${port}`;
}
