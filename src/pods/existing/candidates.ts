import { isNamespaceOfRuntime, podOfCgroup } from '../../kubernetes/cni/pod-names.ts';
import { processIdentity } from '../../system/process-identity.ts';
import { SystemError, type HeldFile, type System } from '../../system/system.ts';

/** Where a network namespace of a pod is found. */
export interface Candidate {
  readonly name: string;
  readonly path: string;
  /** As readlink says: `net:[4026532392]`. */
  readonly identity: string;
  /** Of its oldest process, in ticks since the machine was started; null where no process was seen. */
  readonly started: number | null;
}

/** Directories in which runtimes bind network namespaces; the second one is mostly a link to the first. */
const BOUND = ['/run/netns', '/var/run/netns'];

/** Network namespaces of processes that a kubelet started, and those that runtimes bound; the oldest first. Pods in the network of the host have none. */
export async function candidatesOf(system: System): Promise<Candidate[]> {
  const own = await system.readLink('/proc/self/ns/net');
  const started = new Map<string, { readonly ticks: number; readonly path: string; readonly pod: string | null }>();
  for (const pid of (await system.list('/proc')).filter((name) => /^\d+$/.test(name))) {
    const identity = await orNull(system.readLink(`/proc/${pid}/ns/net`));
    if (identity === null || identity === own) continue;
    const ticks = Number((await processIdentity(system, Number(pid)))?.started ?? Number.NaN);
    const known = started.get(identity);
    if (Number.isNaN(ticks) || (known !== undefined && known.ticks <= ticks)) continue;
    const cgroup = (await orNull(system.readText(`/proc/${pid}/cgroup`))) ?? '';
    started.set(identity, { ticks, path: `/proc/${pid}/ns/net`, pod: podOfCgroup(cgroup) ?? known?.pod ?? null });
  }
  const bound = new Map<string, Candidate>();
  for (const directory of BOUND)
    for (const name of (await system.listIfThere(directory)).filter(isNamespaceOfRuntime)) {
      const path = `${directory}/${name}`;
      const identity = await identityOf(system, path);
      if (identity !== null && identity !== own && !bound.has(identity))
        bound.set(identity, { name, path, identity, started: started.get(identity)?.ticks ?? null });
    }
  const ofKubelet = [...started].flatMap(([identity, { ticks, path, pod }]): Candidate[] =>
    pod === null || bound.has(identity) ? [] : [{ name: pod, path, identity, started: ticks }],
  );
  return [...bound.values(), ...ofKubelet].sort(
    (a, b) => (a.started ?? Infinity) - (b.started ?? Infinity) || (a.name < b.name ? -1 : 1),
  );
}

/** As the link of a process to its namespace says it. What is bound by name has no such link. */
async function identityOf(system: System, path: string): Promise<string | null> {
  const status = await orNull(system.status(path));
  return status === null ? null : linkTo(status);
}

export function linkTo({ inode }: Pick<HeldFile, 'inode'>): string {
  return `net:[${inode}]`;
}

async function orNull<T>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof SystemError) return null;
    throw error;
  }
}
