import { randomBytes } from 'node:crypto';
import type { Running } from '../../cni/running.ts';
import type { PodTold } from '../../evidence/pods.ts';
import { startGuardian, type Guardian } from '../undo/guardian.ts';
import { readHostState, type HostState } from '../host/host-state.ts';
import type { Scope } from '../host/scope.ts';
import { cacheOf, newJournal, writeJournal } from '../undo/journal.ts';
import type { PodNamespace } from './namespace.ts';
import type { PodsAsked, PodsMachine } from '../opened-pods.ts';
import { undoJournal } from '../undo/recover.ts';
import type { RunnableChain } from './runnable-chain.ts';
import { addLoopback, addPod, askStatus, checkPod, refusedPod, type AddedPod } from './throw-away-pod.ts';

/** What pods are made of. */
export interface Making {
  readonly machine: PodsMachine;
  readonly asked: PodsAsked;
  readonly runnable: RunnableChain;
  /** One for each pod; they are being started. */
  readonly starting: Promise<readonly PodNamespace[]>;
}

export interface ThrowAway {
  readonly name: string;
  readonly namespace: PodNamespace;
  readonly added: AddedPod;
}

/** Pods, and what must be known to undo them. */
export interface MadePods {
  readonly scope: Scope;
  readonly before: HostState;
  readonly journal: string;
  readonly guardian: Guardian;
  readonly pods: readonly ThrowAway[];
  /** What CHECK says of each: it is asked while packets are sent. */
  readonly checks: Promise<readonly PodTold['check'][]>;
}

/** Nothing of the machine is changed before the journal is written. Throws a SystemError; everything is undone then. */
export async function makePods(making: Making): Promise<MadePods> {
  const { machine, asked, runnable, starting } = making;
  const { system } = machine;
  const { timeoutMs, signal, count } = asked;
  const names = Array.from({ length: count }, () => `seaworthy-${randomBytes(10).toString('hex')}`);
  const scope = { ...runnable.chain, containerIds: names };
  const looking = readHostState(system, scope, null, AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]));
  // Whether it came to an end is asked below.
  looking.catch(() => undefined);
  const namespaces = await starting;
  const journal = newJournal();
  let guardian: Guardian | null = null;
  try {
    const running = runningOf(machine, asked, journal);
    const loopbacks = bringUp(runnable, names, namespaces, running);
    loopbacks.catch(() => undefined);
    guardian = await startGuardian(
      [...machine.recover, journal],
      namespaces.map(({ held }) => held),
    );
    const before = await looking;
    const entries = namespaces.map(({ process, held: { identity } }, index) => ({
      name: names[index] ?? '',
      agent: process,
      namespace: identity,
    }));
    await writeJournal(system, journal, { timeoutMs, pods: entries, before });
    const unready = await askStatus(runnable.chain, running);
    const pods = await Promise.all(
      namespaces.map(async (namespace, index): Promise<ThrowAway> => {
        const name = names[index] ?? '';
        if (unready !== null) return { name, namespace, added: refusedPod(name, { status: unready }) };
        const added = await addPod(runnable.chain, name, namespace, system, running);
        const failure = (await loopbacks)[index] ?? null;
        // Without `lo` a runtime gives the pod up, whatever the other plugins did.
        return {
          name,
          namespace,
          added: failure === null ? added : { ...refusedPod(name, { add: failure }), made: added.made },
        };
      }),
    );
    const checks = Promise.all(pods.map(({ added }) => checkPod(added, running)));
    // Whoever closes them asks.
    checks.catch(() => undefined);
    return { scope, before, journal, guardian, pods, checks };
  } catch (error) {
    await undoJournal(system, journal, namespaces);
    await Promise.all(namespaces.map((namespace) => namespace.end()));
    await guardian?.dismiss();
    throw error;
  }
}

/**
 * `lo` of each, in which this begins and ends: of the machine nothing is changed. containerd does it while the network is added, too:
 * attachNetworks of github.com/containerd/go-cni. Null where it is up, or where the runtime sees to that itself.
 */
async function bringUp(
  { loopback }: RunnableChain,
  names: readonly string[],
  namespaces: readonly PodNamespace[],
  running: Running,
) {
  if (loopback === null) return [];
  return Promise.all(
    namespaces.map(async (namespace, index) =>
      addLoopback(loopback, names[index] ?? '', await namespace.netns(), { ...running, cacheDir: null }),
    ),
  );
}

function runningOf({ system }: PodsMachine, { timeoutMs, signal }: PodsAsked, journal: string): Running {
  return { programs: system.programs, system, signal, timeoutMs, cacheDir: cacheOf(journal) };
}
