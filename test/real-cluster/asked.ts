import type { Host } from '../lab/lab.ts';
import type { Report } from '../../src/report/schema.ts';

/** The report of a run that asks the API by this kubeconfig. kubeadm 1.20 wants crictl, as host/commands says, and Debian 12 has none. */
export async function askedBy(host: Host, kubeconfig: string, ...args: readonly string[]): Promise<Report> {
  host.write('/run/kubeconfig', kubeconfig, 0o600);
  return host.check('--kubeconfig', '/run/kubeconfig', '--skip', 'host/commands', ...args);
}
