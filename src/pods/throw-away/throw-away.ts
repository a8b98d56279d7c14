import type { MachineLock } from '../../system/machine-lock.ts';
import { SystemError } from '../../system/system.ts';
import { podsLock } from '../undo/lock.ts';
import { makePods } from './make-pods.ts';
import { startNamespaces, type PodNamespace } from './namespace.ts';
import { noPods, type Why } from '../no-pods.ts';
import type { OpenedPods, PodsAsked, PodsMachine } from '../opened-pods.ts';
import { openedThrowAway } from './opened-throw-away.ts';
import { whatIsMissing } from '../undo/put-back.ts';
import { giveUp, readyPods, type ReadyPods } from './ready-pods.ts';
import { recoverAbandoned } from '../undo/recover.ts';
import { runnableChain, type RunnableChain } from './runnable-chain.ts';

/** A run that is before us takes no longer, unless its plugins hang. */
const PATIENCE_MS = 10_000;

/** Throw-away pods that are being got ready: of the machine nothing is changed until they are opened, and so they can be begun on suspicion. */
export interface BegunThrowAway {
  readonly ready: Promise<ReadyThrowAway>;
}

/** Those that need but their networks. */
export interface ReadyThrowAway {
  /** Once. Aborted, nothing more is made. */
  open(signal: AbortSignal): Promise<OpenedPods>;
  /** They are not needed. */
  discard(): Promise<void>;
}

/** Pods that the node's own chain connects, for as long as they are needed. It changes the machine as the plugins do. */
export async function openThrowAway(machine: PodsMachine, asked: PodsAsked): Promise<OpenedPods> {
  const { ready } = await beginThrowAway(machine, asked);
  return (await ready).open(asked.signal);
}

/** Settles when their agents are being started, which takes longest. Why there will be no pods is told when they are opened. */
export async function beginThrowAway(machine: PodsMachine, asked: PodsAsked): Promise<BegunThrowAway> {
  const { system } = machine;
  const { signal } = asked;
  if (!system.native) return refused(asked, 'unsupported', 'a directory has no network that pods could be in');
  if (!system.privileged) return refused(asked, 'denied', 'only root can make network namespaces');
  let lock: MachineLock | null = null;
  try {
    const unshare = await system.programs.find('unshare');
    // It only reads: for that nobody has to be waited for.
    const choosing = toBeRun(machine, unshare === null ? ['unshare (util-linux)'] : []);
    choosing.catch(() => undefined);
    lock = await podsLock(system, PATIENCE_MS, signal);
    if (lock === null) return refused(asked, ...notHad(signal));
    // Before there are new namespaces: the kernel gives them numbers of old ones.
    await recoverAbandoned(system);
    const limited = AbortSignal.any([signal, AbortSignal.timeout(asked.timeoutMs)]);
    // Of the machine a namespace is nothing.
    const starting =
      unshare === null ? Promise.resolve([]) : startNamespaces(system, unshare, machine.agent, asked.count, limited);
    starting.catch(() => undefined);
    return { ready: getReady(machine, asked, { lock, choosing, starting }) };
  } catch (error) {
    lock?.release();
    if (error instanceof SystemError) return refused(asked, error.why, error.message);
    throw error;
  }
}

interface Begun {
  readonly lock: MachineLock;
  readonly choosing: Promise<RunnableChain | None>;
  readonly starting: Promise<readonly PodNamespace[]>;
}

async function getReady(
  machine: PodsMachine,
  asked: PodsAsked,
  { lock, choosing, starting }: Begun,
): Promise<ReadyThrowAway> {
  const letGo = async () => {
    for (const namespace of await starting.catch(() => [])) await namespace.end();
    lock.release();
  };
  try {
    const runnable = await choosing;
    if (!('why' in runnable)) {
      const ready = await readyPods({ machine, asked, runnable, starting });
      return readyToOpen(machine, asked, { runnable, ready, lock });
    }
    await letGo();
    return refused(asked, runnable.why, runnable.detail).ready;
  } catch (error) {
    await letGo();
    if (error instanceof SystemError) return refused(asked, error.why, error.message).ready;
    throw error;
  }
}

interface Held {
  readonly runnable: RunnableChain;
  readonly ready: ReadyPods;
  /** Let go when everything is undone. */
  readonly lock: MachineLock;
}

function readyToOpen(machine: PodsMachine, had: PodsAsked, { runnable, ready, lock }: Held): ReadyThrowAway {
  return {
    open: async (signal) => {
      const asked = { ...had, signal };
      try {
        const made = await makePods(machine, asked, runnable, ready);
        return openedThrowAway({ machine, asked, runnable, made: { ...ready, ...made }, lock });
      } catch (error) {
        lock.release();
        if (error instanceof SystemError) return noPods(asked.how, error.why, error.message);
        throw error;
      }
    },
    discard: async () => {
      try {
        await giveUp(machine, ready);
      } catch (error) {
        // The guardian tries again when we are gone.
        if (!(error instanceof SystemError)) throw error;
      } finally {
        lock.release();
      }
    },
  };
}

function refused({ how }: PodsAsked, why: Why, detail: string): BegunThrowAway {
  const none = { open: async () => noPods(how, why, detail), discard: async () => undefined };
  return { ready: Promise.resolve(none) };
}

interface None {
  readonly why: Why;
  readonly detail: string;
}

/** The chain, and whether all is there that running and undoing it takes. */
async function toBeRun({ system, places }: PodsMachine, lacking: readonly string[]): Promise<RunnableChain | None> {
  const runnable = await runnableChain(system, await places);
  if ('why' in runnable) return runnable;
  const missing = [...(await whatIsMissing(system, runnable.chain.network)), ...lacking];
  const detail = `programs that are needed, and their packages: ${missing.join(', ')}`;
  return missing.length === 0 ? runnable : { why: 'missing', detail };
}

function notHad({ aborted }: AbortSignal): [Why, string] {
  if (aborted) return ['timeout', 'the run was ended before the pods were made'];
  return ['busy', 'another run of seaworthy has pods on this machine'];
}
