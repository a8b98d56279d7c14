import type { Running } from '../../cni/running.ts';
import type { PodTold } from '../../evidence/pods.ts';
import type { System } from '../../system/system.ts';
import { cacheOf } from '../undo/journal.ts';
import type { PodNamespace } from './namespace.ts';
import type { PodsAsked, PodsMachine } from '../opened-pods.ts';
import { giveUp, type ReadyPods } from './ready-pods.ts';
import type { RunnableChain } from './runnable-chain.ts';
import { addLoopback, addPod, askStatus, checkPod, refusedPod, type AddedPod } from './throw-away-pod.ts';

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
    const pods = await Promise.all(each.map(add));
    const checks = Promise.all(pods.map(({ added }) => checkPod(added, running)));
    // Whoever closes them asks.
    checks.catch(() => undefined);
    return { pods, checks };
  } catch (error) {
    await giveUp(machine, ready);
    throw error;
  }
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
