import type { MachineLock } from '../../system/machine-lock.ts';
import { SystemError } from '../../system/system.ts';
import { podsLock } from '../undo/lock.ts';
import { makePods } from './make-pods.ts';
import { startNamespaces, type PodNamespace } from './namespace.ts';
import { noPods, type Why } from '../no-pods.ts';
import type { OpenedPods, PodsAsked, PodsMachine } from '../opened-pods.ts';
import { openedThrowAway } from './opened-throw-away.ts';
import { whatIsMissing } from '../undo/put-back.ts';
import { recoverAbandoned } from '../undo/recover.ts';
import { runnableChain, type RunnableChain } from './runnable-chain.ts';

/** A run that is before us takes no longer, unless its plugins hang. */
const PATIENCE_MS = 10_000;

/** Pods that the node's own chain connects, for as long as they are needed. It changes the machine as the plugins do. */
export async function openThrowAway(machine: PodsMachine, asked: PodsAsked): Promise<OpenedPods> {
  const { system } = machine;
  const { how, signal } = asked;
  if (!system.native) return noPods(how, 'unsupported', 'a directory has no network that pods could be in');
  if (!system.privileged) return noPods(how, 'denied', 'only root can make network namespaces');
  let lock: MachineLock | null = null;
  let starting: Promise<readonly PodNamespace[]> = Promise.resolve([]);
  const refuse = async ({ why, detail }: None) => {
    for (const namespace of await starting.catch(() => [])) await namespace.end();
    lock?.release();
    return noPods(how, why, detail);
  };
  try {
    lock = await podsLock(system, PATIENCE_MS, signal);
    if (lock === null) return await refuse(notHad(signal));
    // Before there are new namespaces: the kernel gives them numbers of old ones.
    await recoverAbandoned(system);
    const unshare = await system.programs.find('unshare');
    // An agent takes longer to start than all else that comes before it is needed; of the machine its namespace is nothing.
    if (unshare !== null) {
      const limited = AbortSignal.any([signal, AbortSignal.timeout(asked.timeoutMs)]);
      starting = startNamespaces(system, unshare, machine.agent, asked.count, limited);
    }
    starting.catch(() => undefined);
    const runnable = await toBeRun(machine, unshare === null ? ['unshare (util-linux)'] : []);
    if ('why' in runnable) return await refuse(runnable);
    const made = await makePods({ machine, asked, runnable, starting });
    return openedThrowAway({ machine, asked, runnable, made, lock });
  } catch (error) {
    if (error instanceof SystemError) return refuse({ why: error.why, detail: error.message });
    await refuse({ why: 'error', detail: '' });
    throw error;
  }
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

function notHad({ aborted }: AbortSignal): None {
  if (aborted) return { why: 'timeout', detail: 'the run was ended before the pods were made' };
  return { why: 'busy', detail: 'another run of seaworthy has pods on this machine' };
}
