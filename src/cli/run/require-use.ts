import type { Plan } from '../../plan/settings.ts';
import { UsageError } from '../usage-error.ts';
import { requireRunning } from './machine-system.ts';

/** Whoever says on the command line what no peer or pod of this run would hear of has forgotten something, or means another run. Throws a UsageError. */
export async function requireUse({ settings, origins }: Plan): Promise<void> {
  const { peers, kubeconfig } = settings;
  if (origins.pods === 'flag' && settings.pods !== null) await requireRunning(settings, '--pods');
  if (peers.length > 0) return;
  if (origins.tokenFile === 'flag' && settings.tokenFile !== null) {
    if (kubeconfig === null)
      throw new UsageError(noPeer('--token-file'), 'Or --kubeconfig FILE: the nodes of its cluster are peers then.');
    await requireRunning(settings, '--token-file');
  }
  if (origins.wait === 'flag' && settings.wait > 0 && kubeconfig === null) throw new UsageError(noPeer('--wait'));
}

function noPeer(option: string): string {
  return `${option}: no peer is named. Name each machine that runs \`seaworthy listen\`: --peer HOST.`;
}
