import type { PodsResult, PodTold } from '../../evidence/pods.ts';
import type { MachineLock } from '../../system/machine-lock.ts';
import { SystemError } from '../../system/system.ts';
import { cacheOf, removeJournal } from '../undo/journal.ts';
import type { MadePods, ThrowAway } from './make-pods.ts';
import type { OpenedPods, PodHere, PodsAsked, PodsMachine } from '../opened-pods.ts';
import type { ReadyPods } from './ready-pods.ts';
import type { RunnableChain } from './runnable-chain.ts';
import { undo } from '../undo/undo.ts';

interface Opening {
  readonly machine: PodsMachine;
  readonly asked: PodsAsked;
  readonly runnable: RunnableChain;
  readonly made: ReadyPods & MadePods;
  /** Held until everything is undone. */
  readonly lock: MachineLock;
}

/** Pods that were made, as whoever asked for them has them. */
export function openedThrowAway(opening: Opening): OpenedPods {
  const { asked, runnable, made } = opening;
  const { network } = runnable.chain;
  let result: PodsResult = {
    how: asked.how,
    none: asked.signal.aborted ? { why: 'timeout', detail: 'the run was ended before the pods were made' } : null,
    network: {
      file: runnable.file,
      name: network.name,
      version: network.version,
      plugins: network.plugins.map(({ type }) => type),
    },
    pods: made.pods.map(({ added }) => added.told),
    left: [],
    putBack: [],
    unclear: [],
  };
  let closing: Promise<PodsResult> | null = null;
  return {
    get result() {
      return result;
    },
    pods: made.pods.flatMap(podHere),
    close: () => (closing ??= close(opening, result).then((complete) => (result = complete))),
  };
}

function podHere({ name, namespace, added }: ThrowAway, index: number): PodHere[] {
  const { input, output, ended } = namespace.agent;
  return added.usable ? [{ index, name, addresses: added.told.addresses, input, output, ended }] : [];
}

async function close({ machine, asked, made, lock }: Opening, known: PodsResult): Promise<PodsResult> {
  const { timeoutMs, signal } = asked;
  const { journal, guardian, before, scope } = made;
  try {
    const checks = await made.checks;
    const pods = made.pods.map(({ added }, index) => ({ ...added.told, check: checks[index] ?? null }));
    // A program takes a while to go, and DEL needs none: as at the end of any pod, its network outlives it.
    for (const { namespace } of made.pods) void namespace.quit();
    const undone = await undo({
      system: machine.system,
      pods: made.pods.map(({ name, namespace, added }) => ({ ...namespace, name, made: added.made })),
      scope,
      before,
      timeoutMs,
      cacheDir: cacheOf(journal),
      unruly: signal.aborted || pods.some(({ status, add, check }) => [status, add, check].some(isUnruly)),
    });
    await Promise.all([removeJournal(journal), guardian.dismiss()]);
    const { failures, left, putBack, unclear } = undone;
    return {
      ...known,
      pods: pods.map((pod, index) => ({ ...pod, del: failures[index] ?? [] })),
      left,
      putBack,
      unclear,
    };
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    // The guardian tries again when we are gone, and so does the next run.
    const detail = `what the plugins left behind could not be looked for: ${error.message}`;
    return { ...known, none: { why: error.why, detail } };
  } finally {
    lock.release();
  }
}

function isUnruly(call: PodTold['check']): boolean {
  return typeof call === 'object' && call?.kind === 'timed-out';
}
