import { randomBytes } from 'node:crypto';
import { readHostState, type HostState } from '../host/host-state.ts';
import type { Scope } from '../host/scope.ts';
import type { PodNamespace } from './namespace.ts';
import type { PodsAsked, PodsMachine } from '../opened-pods.ts';
import { startGuardian, type Guardian } from '../undo/guardian.ts';
import { newJournal, writeJournal } from '../undo/journal.ts';
import { undoJournal } from '../undo/recover.ts';
import type { RunnableChain } from './runnable-chain.ts';

/** What pods are made of. */
export interface Making {
  readonly machine: PodsMachine;
  readonly asked: PodsAsked;
  readonly runnable: RunnableChain;
  /** One for each pod; they are being started. */
  readonly starting: Promise<readonly PodNamespace[]>;
}

/** Pods that have no network yet, and what must be known to undo them. Of the machine nothing was changed. */
export interface ReadyPods {
  readonly scope: Scope;
  readonly before: HostState;
  readonly journal: string;
  readonly guardian: Guardian;
  /** One for each pod, in the order of the scope's container IDs. */
  readonly namespaces: readonly PodNamespace[];
}

/** All that comes before the first plugin is run: who is killed from then on has written down what to undo. Throws a SystemError; nothing is left then. */
export async function readyPods({ machine, asked, runnable, starting }: Making): Promise<ReadyPods> {
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
    return { scope, before, journal, guardian, namespaces };
  } catch (error) {
    await giveUp(machine, { journal, guardian, namespaces });
    throw error;
  }
}

/** Undoes what was made of them so far. Throws a SystemError. */
export async function giveUp(
  { system }: PodsMachine,
  { journal, guardian, namespaces }: Pick<ReadyPods, 'journal' | 'namespaces'> & { readonly guardian: Guardian | null },
): Promise<void> {
  await undoJournal(system, journal, namespaces);
  await Promise.all(namespaces.map((namespace) => namespace.end()));
  await guardian?.dismiss();
}
