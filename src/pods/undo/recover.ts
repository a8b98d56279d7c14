import { recall } from '../../cni/cache.ts';
import { handedDown } from '../../system/held-file.ts';
import { isAlive, killProcess } from '../../system/process-identity.ts';
import type { MachineLock } from '../../system/machine-lock.ts';
import { SystemError, type System } from '../../system/system.ts';
import { abandonedJournals, cacheOf, readJournal, removeJournal, type Journal } from './journal.ts';
import { podsLock } from './lock.ts';
import { undo, type PodPlace } from './undo.ts';

/** Whoever holds the lock that long undoes what was abandoned before it begins anything. */
const PATIENCE_MS = 15_000;
/** Nobody waits for the guardian: it asks again. */
const TRIES = 20;

/** Whoever was killed had said how long a plugin may take; everything is to be undone within 20 seconds. */
const LONGEST_CALL_MS = 5_000;

/** Undoes what a journal names, once nobody else has pods here. Nothing happens when it is undone already. Throws a SystemError. */
export async function recover(path: string, system: System): Promise<void> {
  for (let tries = 0; tries < TRIES; tries++) {
    const lock = await podsLock(system, tries === 0 ? 0 : PATIENCE_MS, new AbortController().signal);
    if (lock !== null) return undoUnder(lock, path, system);
    if (tries === 0) await letGo(path, system);
  }
  throw new SystemError('timeout', 'another run of seaworthy has pods on this machine');
}

/** Whoever is before us undoes this too: what an ADD that was killed plugged into the bridge goes with the namespace, and that with the last who holds it. */
async function letGo(path: string, system: System): Promise<void> {
  const journal = await readJournal(system, path);
  for (const { namespace } of journal?.pods ?? []) handedDown(namespace)?.close();
}

async function undoUnder(lock: MachineLock, path: string, system: System): Promise<void> {
  try {
    await undoJournal(system, path);
  } finally {
    lock.release();
  }
}

/** What runs that were killed left behind; whoever calls it holds the lock. Throws a SystemError. */
export async function recoverAbandoned(system: System): Promise<void> {
  for (const path of await abandonedJournals(system)) await undoJournal(system, path);
}

/** @param places Of its pods, where they are still at hand. Throws a SystemError. */
export async function undoJournal(
  system: System,
  path: string,
  places: readonly PodPlace[] | null = null,
): Promise<void> {
  const journal = await readJournal(system, path);
  if (journal === null) return;
  const cacheDir = cacheOf(path);
  const attached = (await recall(cacheDir)).flatMap((recalled) => recalled.attached ?? []);
  const pods = journal.pods.map((pod, index) => ({
    ...(places?.[index] ?? placeOf(system, pod)),
    name: pod.name,
    made: attached.find(({ attachment }) => attachment.containerId === pod.name) ?? null,
  }));
  const { before } = journal;
  const timeoutMs = Math.min(journal.timeoutMs, LONGEST_CALL_MS);
  const chain = attached[0]?.chain;
  if (chain === undefined) {
    // No plugin was run.
    await Promise.all(pods.map((pod) => pod.end()));
  } else {
    const scope = { ...chain, containerIds: pods.map(({ name }) => name) };
    await undo({ system, pods, scope, before, timeoutMs, cacheDir, unruly: true });
  }
  await removeJournal(path);
}

/** Of a pod whose maker is gone: its agent ends soon, and the namespace is there for as long as the guardian holds it. */
function placeOf(system: System, { agent, namespace }: Journal['pods'][number]): PodPlace {
  const held = handedDown(namespace);
  return {
    netns: async () => held?.path ?? ((await isAlive(system, agent)) ? `/proc/${agent.pid}/ns/net` : ''),
    end: async () => {
      if (await isAlive(system, agent)) killProcess(agent.pid);
      held?.close();
    },
  };
}
