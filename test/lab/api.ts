import { join } from 'node:path';
import type { ApiServerOptions } from '../cluster/api-server.ts';
import type { Host } from './lab.ts';

const END = join(import.meta.dirname, 'api-end.ts');
export const KUBECONFIG = '/etc/lab.kubeconfig';

const OBJECTS = '/etc/lab.objects.json';
/** What it was asked for. It changes what tests compare of a host, so that only those that count have it. */
export const ASKED = '/etc/lab.asked';

/** The API of a lab's cluster on the loopback of a host, where KUBECONFIG leads to it. */
export async function serveApi(host: Host, paths: ApiServerOptions['paths'], asked = '/dev/null'): Promise<void> {
  host.write(OBJECTS, JSON.stringify(paths));
  await host.sh(`
    setsid ${process.execPath} ${END} ${OBJECTS} ${KUBECONFIG} ${asked} </dev/null >/dev/null 2>&1 &
    for i in $(seq 100); do [ -s ${KUBECONFIG} ] && exit 0; sleep 0.1; done; exit 1`);
}

/** How often it was asked for a path, with whatever query. */
export async function timesAsked(host: Host, path: string): Promise<number> {
  const asked = await host.sh(`cat ${ASKED} 2>/dev/null || true`);
  return asked.split('\n').filter((line) => line.replace(/\?.*$/, '') === path).length;
}
