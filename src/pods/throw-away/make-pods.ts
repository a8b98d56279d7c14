import { setImmediate } from 'node:timers/promises';
import type { Running } from '../../cni/running.ts';
import type { PodTold } from '../../evidence/pods.ts';
import type { System } from '../../system/system.ts';
import { cacheOf } from '../undo/journal.ts';
import type { PodNamespace } from './namespace.ts';
import type { PodsAsked, PodsMachine } from '../opened-pods.ts';
import { giveUp, type ReadyPods } from './ready-pods.ts';
import type { RunnableChain } from './runnable-chain.ts';
import { sideBySide } from '../side-by-side.ts';
import { addLoopback, addPod, askStatus, checkPod, delPod, refusedPod, type AddedPod } from './throw-away-pod.ts';

interface Bare {
  readonly name: string;
  readonly namespace: PodNamespace;
}

export interface ThrowAway extends Bare {
  readonly added: AddedPod;
}

/** Pods that were added, as far as that went. */
export interface MadePods {
  readonly pods: readonly ThrowAway[];
  /** What CHECK says of each: it is asked while packets are sent. */
  readonly checks: Promise<readonly PodTold['check'][]>;
}

/** Adds pods that are ready. Throws a SystemError; everything is undone then. */
export async function makePods(
  machine: PodsMachine,
  asked: PodsAsked,
  runnable: RunnableChain,
  ready: ReadyPods,
): Promise<MadePods> {
  const { system } = machine;
  const { journal, namespaces } = ready;
  const names = ready.scope.containerIds;
  try {
    const running = runningOf(machine, asked, journal);
    const unready = await askStatus(runnable.chain, running);
    const each = namespaces.map((namespace, index) => ({ name: names[index] ?? '', namespace }));
    const add = async ({ name, namespace }: Bare): Promise<ThrowAway> => {
      const added =
        unready === null
          ? await addBoth(runnable, { name, namespace }, system, running)
          : refusedPod(name, { status: unready });
      return { name, namespace, added };
    };
    const pods = await sideBySide(each, add, hasFailed, async (pod, { added }) => {
      const failures = await delPod(added.made, await pod.namespace.netns(), running);
      const hung = running.signal.aborted || failures.some(({ kind }) => kind === 'timed-out');
      return hung ? { ...pod, added } : add(pod);
    });
    const checks = sideBySide(
      pods,
      async ({ added }) => {
        // Packets are under way first: to start a program takes the processor for milliseconds.
        await setImmediate();
        return checkPod(added, running);
      },
      (failure) => typeof failure === 'object' && failure !== null && failure.kind !== 'timed-out',
    );
    // Whoever closes them asks.
    checks.catch(() => undefined);
    return { pods, checks };
  } catch (error) {
    await giveUp(machine, ready);
    throw error;
  }
}

/** At ADD; one that hung is not asked again. */
function hasFailed({ added: { told } }: ThrowAway): boolean {
  return told.add !== null && told.add.kind !== 'timed-out';
}

/**
 * The network of a pod, and `lo`, in which its plugin begins and ends: of the machine it changes nothing. containerd adds both at one time:
 * attachNetworks of github.com/containerd/go-cni. Without `lo` a runtime gives the pod up, whatever the other plugins did.
 */
async function addBoth(
  { chain, loopback }: RunnableChain,
  { name, namespace }: Bare,
  system: System,
  running: Running,
): Promise<AddedPod> {
  const netns = await namespace.netns();
  const [added, failure] = await Promise.all([
    addPod(chain, name, namespace, system, running),
    // Null as well where the runtime sees to it itself.
    loopback === null ? null : addLoopback(loopback, name, netns, { ...running, cacheDir: null }),
  ]);
  return failure === null ? added : { ...refusedPod(name, { add: failure }), made: added.made };
}

function runningOf({ system }: PodsMachine, { timeoutMs, signal }: PodsAsked, journal: string): Running {
  return { programs: system.programs, system, signal, timeoutMs, cacheDir: cacheOf(journal) };
}
