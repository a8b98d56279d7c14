import type { Attached } from '../../cni/cache.ts';
import type { Running } from '../../cni/running.ts';
import type { FailedCall, Remainder } from '../../evidence/pods.ts';
import { killProcess, processesWith } from '../../system/process-identity.ts';
import type { System } from '../../system/system.ts';
import { readHostState, type HostState } from '../host/host-state.ts';
import type { Scope } from '../host/scope.ts';
import { putBack } from './put-back.ts';
import { remainders, type Remainders } from '../remainders/remainders.ts';
import type { Ours } from '../remainders/found.ts';
import { sideBySide } from '../side-by-side.ts';
import { delPod } from '../throw-away/throw-away-pod.ts';

/** Pods that are to go, and the machine as it was before them. */
export interface Undoing {
  readonly system: System;
  readonly pods: readonly UndonePod[];
  readonly scope: Scope;
  readonly before: HostState;
  /** Of one call of a plugin; all of them together take no more than three of these. */
  readonly timeoutMs: number;
  readonly cacheDir: string;
  /** Plugins were killed, or may have been: what they started may still be at work. */
  readonly unruly: boolean;
}

interface UndonePod extends PodPlace {
  /** Its container ID. */
  readonly name: string;
  readonly made: Attached | null;
}

export interface PodPlace {
  /** The path of its network namespace; empty when it is gone. */
  netns(): Promise<string>;
  /** Ends its agent and lets go of its namespace. */
  end(): Promise<void>;
}

export interface Undone {
  /** Plugins that failed at DEL, for each pod. */
  readonly failures: readonly (readonly FailedCall[])[];
  readonly left: readonly Remainder[];
  readonly putBack: readonly Remainder[];
  /** What came meanwhile, and nothing says whose it is. */
  readonly unclear: readonly Remainder[];
}

/** DEL as a runtime does it, then what plugins left behind, or keep. Throws a SystemError when the machine cannot be looked at. */
export async function undo(undoing: Undoing): Promise<Undone> {
  const { system, pods, timeoutMs } = undoing;
  if (undoing.unruly) await endProcesses(undoing);
  // Time for each plugin: one that hangs must not keep the others from undoing their part.
  const calls = Math.max(2, undoing.scope.network.plugins.length);
  const running = runningOf(undoing, AbortSignal.timeout(calls * timeoutMs));
  const failures = await delTwice(pods, running);
  const ours = oursOf(undoing);
  const [seen] = await Promise.all([look(undoing, ours), ...pods.map((pod) => pod.end())]);
  if (seen.found.length + seen.inUse.length === 0) return { failures, left: [], putBack: [], unclear: seen.unclear };
  const hasLeaked = seen.found.some(({ as }) => as === 'leaked');
  if (hasLeaked) await delAgain(undoing, running);
  const ending = AbortSignal.timeout(timeoutMs);
  const { kept, leaked, left, unclear } = await putBack(system, undoing.before, ours, hasLeaked ? null : seen, ending);
  return { failures, left: [...leaked, ...left], putBack: [...kept, ...leaked], unclear };
}

/**
 * What failed is asked for again, as a kubelet would, unless it hangs. That it failed is told, but where the plugin asked for it, or may have been in the way of
 * another pod's.
 */
async function delTwice(pods: readonly UndonePod[], running: Running): Promise<FailedCall[][]> {
  const del = async (pod: UndonePod) => delPod(pod.made, await pod.netns(), running);
  const first = await sideBySide(pods, del, canGoWell);
  const counted: FailedCall[][] = [];
  for (const [index, pod] of pods.entries()) {
    const failures = first[index] ?? [];
    const again = canGoWell(failures) ? await del(pod) : failures;
    counted.push(failures.every(({ code }) => code === TRY_AGAIN_LATER) ? again : failures);
  }
  return counted;
}

function canGoWell(failures: readonly FailedCall[]): boolean {
  return failures.length > 0 && failures.every(({ kind }) => kind !== 'timed-out');
}

/** https://www.cni.dev/docs/spec/#error */
const TRY_AGAIN_LATER = 11;

/** A plugin that left something may take it away when it is asked once more, and when the namespace is gone. */
async function delAgain({ pods }: Undoing, running: Running): Promise<void> {
  await Promise.all(pods.map(({ made }) => delPod(made, '', running)));
}

async function look({ system, before, timeoutMs }: Undoing, ours: Ours): Promise<Remainders> {
  return remainders(before, await readHostState(system, ours, before, AbortSignal.timeout(timeoutMs)), ours);
}

function oursOf({ pods, scope }: Undoing): Ours {
  const results = pods.flatMap(({ made }) => made?.result?.normal ?? []);
  const onHost = results.flatMap(({ interfaces }) => interfaces.filter(({ sandbox }) => sandbox === null));
  const addresses = results.flatMap(({ ips }) => ips).map(({ address }) => address.slice(0, address.lastIndexOf('/')));
  return { ...scope, interfaces: onHost.map(({ name }) => name), addresses };
}

/** Plugins that were killed, or their maker: what they started may have left their group. */
async function endProcesses({ system, scope }: Undoing): Promise<void> {
  for (const pid of await processesWith(system, 'CNI_CONTAINERID', scope.containerIds)) killProcess(pid);
}

function runningOf({ system, timeoutMs, cacheDir }: Undoing, signal: AbortSignal): Running {
  return { programs: system.programs, system, signal, timeoutMs, cacheDir };
}
