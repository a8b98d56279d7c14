import type { Node } from '../../engine/node.ts';
import type { Facts } from '../../evidence/facts.ts';
import { socketPath } from '../../kubernetes/cri.ts';
import type { Settings } from '../../plan/settings.ts';

export type RuntimeFact = Facts['containerRuntime'];
export type RuntimeSocket = RuntimeFact['sockets'][number];
export type RuntimeAnswers = NonNullable<RuntimeSocket['answers']>;

/**
 * The socket that kubeadm and the kubelet use: the one that is named, else the only known one that takes connections. A kubelet that
 * is told nothing takes containerd's, the first of the known ones.
 */
export function chooseSocket(
  { kubeletEndpoint, sockets }: RuntimeFact,
  plan: Settings,
  { stage }: Node,
): RuntimeSocket | 'several' | null {
  const endpoint = plan.criSocket ?? kubeletEndpoint;
  const named = endpoint === null ? null : socketPath(endpoint);
  if (named !== null) return sockets.find(({ path }) => sameSocket(path, named)) ?? sockets[0] ?? null;
  const accepting = sockets.filter(accepts);
  if (accepting.length > 1 && stage === 'fresh') return 'several';
  return accepting[0] ?? sockets.find(({ present }) => present) ?? null;
}

const sameSocket = (a: string, b: string) =>
  a.replace(/^\/var\/run\//, '/run/') === b.replace(/^\/var\/run\//, '/run/');

/** kubeadm counts a socket when it can connect to it. */
export function accepts({ answers }: RuntimeSocket): boolean {
  return answers !== null && answers.outcome !== 'refused';
}
