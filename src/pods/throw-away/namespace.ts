import { holdFile } from '../../system/held-file.ts';
import { type HeldFile, SystemError, type System } from '../../system/system.ts';
import { processIdentity, type ProcessIdentity } from '../../system/process-identity.ts';
import type { StartedProgram } from '../../system/start-program.ts';
import { endAgent, startAgent } from '../agent.ts';

/** A sysfs of its own shows the interfaces of the pod below /sys, where the one that is there goes on showing those of the machine. */
const SHOW_OWN = 'mount -t sysfs sysfs /sys';

/** A fresh network namespace with an agent in it. */
export interface PodNamespace {
  readonly agent: StartedProgram;
  readonly process: ProcessIdentity;
  /** So that it is there for DEL when the agent is not. */
  readonly held: HeldFile;
  /** Where plugins find it: one path for all calls, as of a runtime that makes no mount for it. */
  netns(): Promise<string>;
  /** Ends the agent. */
  quit(): Promise<void>;
  /** The same, and lets go of the namespace, which ends with that. */
  end(): Promise<void>;
}

/** All of them or none. @param unshare Path of the program. Throws a SystemError. */
export async function startNamespaces(
  system: System,
  unshare: string,
  agent: readonly string[],
  count: number,
  signal: AbortSignal,
): Promise<PodNamespace[]> {
  const starting = Array.from({ length: count }, () => startNamespace(system, unshare, agent, signal));
  const settled = await Promise.allSettled(starting);
  const started = settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  const failed = settled.find((each) => each.status === 'rejected');
  if (failed === undefined) return started;
  await Promise.all(started.map((namespace) => namespace.end()));
  throw failed.reason;
}

async function startNamespace(
  system: System,
  unshare: string,
  command: readonly string[],
  signal: AbortSignal,
): Promise<PodNamespace> {
  const agent = await startAgent([unshare, '--net', '--mount', '--'], command, signal, SHOW_OWN);
  try {
    const own = `/proc/${agent.pid}/ns/net`;
    const held = holdFile(own);
    const process = await processIdentity(system, agent.pid);
    let quitting: Promise<void> | null = null;
    const quit = () => (quitting ??= endAgent(agent));
    let ending: Promise<void> | null = null;
    const end = () => (ending ??= quit().then(() => held.close()));
    if (process === null) {
      await end();
      throw new SystemError('error', 'the agent of a pod ended at once');
    }
    return { agent, process, held, netns: () => Promise.resolve(held.path), quit, end };
  } catch (error) {
    await endAgent(agent);
    throw error;
  }
}
