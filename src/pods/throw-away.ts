import { randomBytes } from 'node:crypto';
import type { Running } from '../cni/chain.ts';
import type { PodsResult, PodTold } from '../evidence/pods.ts';
import type { MachineLock } from '../system/machine-lock.ts';
import { SystemError } from '../system/system.ts';
import { startGuardian, type Guardian } from './guardian.ts';
import { readHostState, type HostState, type Scope } from './host-state.ts';
import { cacheOf, newJournal, removeJournal, writeJournal } from './journal.ts';
import { podsLock } from './lock.ts';
import { startNamespaces, type PodNamespace } from './namespace.ts';
import { noPods, type Why } from './no-pods.ts';
import type { OpenedPods, PodHere, PodsAsked, PodsMachine } from './open-pods.ts';
import { whatIsMissing } from './put-back.ts';
import { recoverAbandoned, undoJournal } from './recover.ts';
import { runnableChain, type RunnableChain } from './runnable-chain.ts';
import { addLoopback, addPod, checkPod, refusedPod, type AddedPod } from './throw-away-pod.ts';
import { undo } from './undo.ts';

/** A run that is before us takes no longer, unless its plugins hang. */
const PATIENCE_MS = 10_000;

const INTERRUPTED = 'the run was ended before the pods were made';

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
    lock = await podsLock(PATIENCE_MS, signal);
    if (lock === null) return await refuse(notHad(signal));
    // Before there are new namespaces: the kernel gives them numbers of old ones.
    await recoverAbandoned(system);
    const unshare = await system.programs.find('unshare');
    // An agent takes longer to start than all else that comes before it is needed; of the machine its namespace is nothing.
    if (unshare !== null)
      starting = startNamespaces(system, unshare, machine.agent, asked.count, within(signal, asked.timeoutMs));
    starting.catch(() => undefined);
    const runnable = await toBeRun(machine, unshare === null ? ['unshare (util-linux)'] : []);
    if ('why' in runnable) return await refuse(runnable);
    return await open({ machine, asked, runnable, namespaces: await starting, lock });
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
  if (aborted) return { why: 'timeout', detail: INTERRUPTED };
  return { why: 'busy', detail: 'another run of seaworthy has pods on this machine' };
}

interface Opening {
  readonly machine: PodsMachine;
  readonly asked: PodsAsked;
  readonly runnable: RunnableChain;
  readonly namespaces: readonly PodNamespace[];
  readonly lock: MachineLock;
}

interface ThrowAway {
  readonly name: string;
  readonly namespace: PodNamespace;
  readonly added: AddedPod;
}

/** What must be known to undo it. */
interface Opened {
  readonly scope: Scope;
  readonly before: HostState;
  readonly journal: string;
  readonly guardian: Guardian;
  readonly pods: readonly ThrowAway[];
}

/** Nothing of the machine is changed before the journal is written. */
async function open(opening: Opening): Promise<OpenedPods> {
  const { machine, asked, runnable, namespaces } = opening;
  const { system } = machine;
  const { timeoutMs, signal } = asked;
  const names = namespaces.map(() => `seaworthy-${randomBytes(10).toString('hex')}`);
  const scope = { network: runnable.chain.network, containerIds: names };
  const looking = readHostState(system, scope, null, within(signal, timeoutMs));
  // Whether it came to an end is asked below.
  looking.catch(() => undefined);
  const journal = newJournal();
  let guardian: Guardian | null = null;
  try {
    const held = namespaces.map((namespace) => namespace.held);
    const running = runningOf(opening, journal, signal);
    // Of the host nothing is changed by then: `lo` is the namespace's own.
    const loopbacks = Promise.all(
      namespaces.map((namespace, index) => bringUp(runnable, names[index] ?? '', namespace, running)),
    );
    loopbacks.catch(() => undefined);
    guardian = await startGuardian([...machine.recover, journal], held);
    const before = await looking;
    const entries = namespaces.map(({ process, held: { identity } }, index) => ({
      name: names[index] ?? '',
      agent: process,
      namespace: identity,
    }));
    await writeJournal(system, journal, { timeoutMs, pods: entries, before });
    const failures = await loopbacks;
    const pods = await Promise.all(
      namespaces.map(async (namespace, index): Promise<ThrowAway> => {
        const [name = '', failure] = [names[index], failures[index] ?? null];
        const added =
          failure === null ? await addPod(runnable.chain, name, namespace, system, running) : refusedPod(name, failure);
        return { name, namespace, added };
      }),
    );
    return openedPods(opening, { scope, before, journal, guardian, pods });
  } catch (error) {
    await undoJournal(system, journal, namespaces);
    await Promise.all(namespaces.map((namespace) => namespace.end()));
    await guardian?.dismiss();
    throw error;
  }
}

/** Null when `lo` is up, or the runtime sees to that itself. */
async function bringUp({ loopback }: RunnableChain, name: string, namespace: PodNamespace, running: Running) {
  if (loopback === null) return null;
  return addLoopback(loopback, name, await namespace.netns(), { ...running, cacheDir: null });
}

function openedPods(opening: Opening, opened: Opened): OpenedPods {
  const { asked, runnable } = opening;
  const { network } = runnable.chain;
  let result: PodsResult = {
    how: asked.how,
    none: asked.signal.aborted ? { why: 'timeout', detail: INTERRUPTED } : null,
    network: {
      file: runnable.file,
      name: network.name,
      version: network.version,
      plugins: network.plugins.map(({ type }) => type),
    },
    pods: opened.pods.map(({ added }) => added.told),
    left: [],
    putBack: [],
  };
  let closing: Promise<PodsResult> | null = null;
  return {
    get result() {
      return result;
    },
    pods: opened.pods.flatMap(podHere),
    close: () => (closing ??= close(opening, opened, result).then((complete) => (result = complete))),
  };
}

function podHere({ name, namespace, added }: ThrowAway, index: number): PodHere[] {
  const { input, output, ended } = namespace.agent;
  return added.usable ? [{ index, name, addresses: added.told.addresses, input, output, ended }] : [];
}

async function close(opening: Opening, opened: Opened, known: PodsResult): Promise<PodsResult> {
  const { machine, asked, lock } = opening;
  const { timeoutMs, signal } = asked;
  const { journal, guardian, before, scope } = opened;
  try {
    // Each call has its own time: one that hangs is told from a chain that is slow.
    const checking = runningOf(opening, journal, signal);
    const checks = await Promise.all(opened.pods.map(({ added }) => checkPod(added, checking)));
    const pods = opened.pods.map(({ added }, index) => ({ ...added.told, check: checks[index] ?? null }));
    const undone = await undo({
      system: machine.system,
      pods: opened.pods.map(({ name, namespace, added }) => ({ ...namespace, name, made: added.made })),
      scope,
      before,
      timeoutMs,
      cacheDir: cacheOf(journal),
      unruly: signal.aborted || pods.some(({ add, check }) => isUnruly(add) || isUnruly(check)),
    });
    await Promise.all([removeJournal(journal), guardian.dismiss()]);
    const { failures, left, putBack } = undone;
    return { ...known, pods: pods.map((pod, index) => ({ ...pod, del: failures[index] ?? [] })), left, putBack };
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

function runningOf(
  { machine: { system }, asked: { timeoutMs } }: Opening,
  journal: string,
  signal: AbortSignal,
): Running {
  return { programs: system.programs, system, signal, timeoutMs, cacheDir: cacheOf(journal) };
}

function within(signal: AbortSignal, ms: number): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(ms)]);
}
