import * as z from 'zod';
import type { Settings } from '../../plan/settings.ts';
import { SystemError, type System } from '../../system/system.ts';
import { KNOWN_SOCKETS, runtimeOfSocket, socketPath, type RuntimeName } from '../../kubernetes/cri.ts';
import { parseYaml } from '../../values/yaml.ts';
import { kubeletFlags } from '../parts/kubelet-flags.ts';

const LIMIT = 256 * 1024;

/** Where the kubelet reaches its runtime: null when nothing says so, or only root may read it. */
export async function kubeletEndpoint(system: System): Promise<string | null> {
  try {
    return await readEndpoint(system);
  } catch (error) {
    if (error instanceof SystemError && error.why === 'denied') return null;
    throw error;
  }
}

/** Its argument wins over its configuration. */
async function readEndpoint(system: System): Promise<string | null> {
  const [arguments_, configuration] = await Promise.all([
    Promise.all(
      ['/var/lib/kubelet/kubeadm-flags.env', '/etc/default/kubelet', '/etc/sysconfig/kubelet'].map((path) =>
        system.readTextIfThere(path, LIMIT),
      ),
    ),
    system.readTextIfThere('/var/lib/kubelet/config.yaml', LIMIT),
  ]);
  const argument = kubeletFlags(arguments_.join('\n'))['container-runtime-endpoint'];
  if (argument !== undefined && argument !== '') return argument;
  if (configuration === null) return null;
  const schema = z.object({ containerRuntimeEndpoint: z.string().optional().catch(undefined) });
  const document = schema.safeParse((await parseYaml(configuration))?.document);
  return (document.success ? document.data.containerRuntimeEndpoint : undefined) ?? null;
}

/** The runtime that pods of this node run with: as the plan or the kubelet names it, else the only one whose socket is there. */
export async function runtimeInUse(system: System, plan: Settings): Promise<RuntimeName | null> {
  const named = plan.criSocket ?? (await kubeletEndpoint(system));
  if (named !== null) return runtimeOfSocket(socketPath(named) ?? named);
  const statuses = await Promise.all(KNOWN_SOCKETS.map(({ path }) => system.status(path)));
  const there = KNOWN_SOCKETS.filter((_, index) => statuses[index]?.kind === 'socket');
  if (there.length === 1) return there[0]?.runtime ?? null;
  // A machine that is not running, or whose runtime is stopped: its configuration tells.
  if (there.length === 0 && (await system.status('/etc/containerd/config.toml')) !== null) return 'containerd';
  return there.length === 0 && (await system.status('/etc/crio')) !== null ? 'cri-o' : null;
}
