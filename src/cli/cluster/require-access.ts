import { liveSystem } from '../../system/live.ts';
import { naming } from '../usage-error.ts';

/** That what was said as --kubeconfig tells how a cluster is reached; nothing is sent. Throws a UsageError. */
export async function requireAccess(kubeconfig: string): Promise<void> {
  const { accessOf } = await import('../../cluster/connect.ts');
  await naming(`--kubeconfig ${kubeconfig}`, accessOf(liveSystem(), kubeconfig));
}
