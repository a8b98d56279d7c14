import { setImmediate } from 'node:timers/promises';
import type { OpenPort, Receiver } from '../../probes/ends.ts';
import { listenTcp } from '../../probes/tcp.ts';
import { listenUdp } from '../../probes/udp.ts';
import { canonicalIp } from '../../values/ip.ts';
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
  /** While it is being closed, with others. */
  closed: Promise<void> | null;
}

/** Listeners that are closed side by side. */
const BATCH = 256;

/** Ports that are open here: one that several runs need is opened once, and closed with the last of them. */
export interface Listeners {
  /** Rejects with the system's error, and when the signal has aborted. */
  open(run: string, place: Place, kind: Catalogued, signal: AbortSignal): Promise<void>;
  /** Whether a socket of ours has it, be it one that is being closed: then `open` waits for that. */
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

  /** Closing waits for nothing: where thousands are closed without a pause, whoever is told of it hears 0.1 s later. */
  async function closeInTurn(listeners: readonly (readonly [key: string, listener: Listener])[]): Promise<void> {
    for (let start = 0; start < listeners.length; start += BATCH) {
      if (start > 0) await setImmediate();
      await Promise.all(listeners.slice(start, start + BATCH).map(([key, listener]) => closeNow(key, listener)));
    }
  }

  /** From now on none of them is there for any run. */
  async function closeWhere(isOver: (listener: Listener) => boolean): Promise<void> {
    const over = [...all].filter(([, listener]) => isOver(listener));
    const alreadyClosing = new Set(over.flatMap(([, { closed }]) => closed ?? []));
    const closed = closeInTurn(over.filter(([, listener]) => listener.closed === null));
    for (const [, listener] of over) listener.closed ??= closed;
    await Promise.all([closed, ...alreadyClosing]);
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
    has: (place) => all.has(keyOf(place)),
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
    closeComponents: () => closeWhere(({ kind }) => kind === 'component'),
    holdsComponents: () => [...all.values()].some(({ kind }) => kind === 'component'),
  };
}

function listen(receiver: Receiver, { protocol, address, port }: Place): Promise<OpenPort> {
  return protocol === 'tcp' ? listenTcp(receiver, address, port) : listenUdp(receiver, address, port);
}

function keyOf({ protocol, address, port }: Place): string {
  return `${protocol} ${canonicalIp(address)} ${port}`;
}
