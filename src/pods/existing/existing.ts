import type { PodTold } from '../../evidence/pods.ts';
import type { StartedProgram } from '../../system/start-program.ts';
import { SystemError } from '../../system/system.ts';
import { endAgent, startAgent } from '../agent.ts';
import { findPods, type FoundPod } from './find-pods.ts';
import { noPods } from '../no-pods.ts';
import type { OpenedPods, PodsAsked, PodsMachine } from '../opened-pods.ts';

/** Programs that enter the network of a pod, and tell what is there. */
const NEEDED = ['nsenter', 'ip'] as const;
const PACKAGES = { nsenter: 'util-linux', ip: 'iproute2' } as const;

/** Real pods of this node, whose networks are entered. Nothing of them changes but that an agent has sockets there while it is needed. */
export async function openExisting(machine: PodsMachine, asked: PodsAsked): Promise<OpenedPods> {
  const { system } = machine;
  const { how, count, signal } = asked;
  if (!system.live) return noPods(how, 'unsupported', 'a directory has no pods that run');
  if (!system.privileged) return noPods(how, 'denied', 'only root can enter the networks of pods');
  const limited = AbortSignal.any([signal, AbortSignal.timeout(asked.timeoutMs)]);
  try {
    const paths = await Promise.all(NEEDED.map((name) => system.programs.find(name)));
    const missing = NEEDED.find((_, index) => paths[index] === null);
    const [nsenter] = paths;
    if (missing !== undefined || nsenter == null) {
      const name = missing ?? 'nsenter';
      return noPods(how, 'missing', `${name} is not installed; it is in the package ${PACKAGES[name]}`);
    }
    const found = await findPods(system, nsenter, count, limited);
    if (found.length === 0)
      return noPods(
        how,
        'no-pods',
        'no pod runs here that has a network of its own, leading to this machine and without rules for its packets',
      );
    return await enter(machine, asked, { nsenter, found });
  } catch (error) {
    if (error instanceof SystemError) return noPods(how, error.why, error.message);
    throw error;
  }
}

interface Entering {
  readonly nsenter: string;
  readonly found: readonly FoundPod[];
}

interface Entered {
  readonly pod: FoundPod;
  readonly agent: StartedProgram;
}

async function enter(
  { agent }: PodsMachine,
  { how, timeoutMs, signal }: PodsAsked,
  { nsenter, found }: Entering,
): Promise<OpenedPods> {
  const settled = await Promise.allSettled(
    found.map(async (pod): Promise<Entered> => {
      const limited = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
      try {
        return {
          pod,
          agent: await startAgent([nsenter, `--net=${pod.held.path}`, '--'], agent, limited),
        };
      } finally {
        // An agent is in it, or nobody is needed in it.
        pod.held.close();
      }
    }),
  );
  const entered = settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  const failed = settled.find((each) => each.status === 'rejected');
  // One that ended since it was found is no loss, as long as there are others.
  if (entered.length === 0 && failed !== undefined) throw failed.reason;
  const result = {
    how,
    none: null,
    network: null,
    pods: entered.map(({ pod }) => toldOf(pod)),
    left: [],
    putBack: [],
    unclear: [],
  };
  let closing: Promise<unknown> | null = null;
  return {
    result,
    pods: entered.map(({ pod: { name, addresses }, agent: { input, output, ended } }, index) => ({
      index,
      name,
      addresses,
      input,
      output,
      ended,
    })),
    close: async () => {
      await (closing ??= Promise.all(entered.map((each) => endAgent(each.agent))));
      return result;
    },
  };
}

function toldOf({ name, link, addresses }: FoundPod): PodTold {
  return {
    name,
    interface: link.name,
    addresses,
    mtu: link.mtu,
    status: null,
    add: null,
    check: null,
    del: [],
    differences: [],
  };
}
