import type { System } from '../system/system.ts';
import { isPem } from '../values/pem.ts';
import { badKubeconfig, type Access } from './access.ts';
import { tokenOfFile } from './credentials.ts';
import { readSecret } from './kubeconfig-files.ts';

/** Where a kubelet puts what a pod may read: https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/ */
const DIRECTORY = '/var/run/secrets/kubernetes.io/serviceaccount';

/** How a pod reaches the API server of its cluster, as its service account. Throws a SystemError. */
export async function inClusterAccess(system: System): Promise<Access> {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = system.environment;
  if (!host || !port)
    throw badKubeconfig('this is no pod of a cluster: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set');
  const url = `https://${host.includes(':') ? `[${host}]` : host}:${port}`;
  if (!URL.canParse(url)) throw badKubeconfig('KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT name no server');
  const ca = await readSecret(system, `${DIRECTORY}/ca.crt`);
  if (!isPem(ca, 'CERTIFICATE')) throw badKubeconfig(`${DIRECTORY}/ca.crt is no certificate in PEM form`);
  return {
    server: new URL(url),
    trust: { ca, verify: true, servername: null },
    // What is of the cluster itself is reached without a proxy.
    proxy: null,
    credentials: tokenOfFile(system, `${DIRECTORY}/token`),
  };
}
