import type { ControlPlane } from './control-plane.ts';
import { until } from './node.ts';

/** A kubeconfig with the token of a service account, which is made where it is not there. Kubernetes 1.20 keeps the token in a Secret. */
export async function serviceAccount(controlPlane: ControlPlane, name: string, namespace: string): Promise<string> {
  const { kubectl, apply, host, endpoint } = controlPlane;
  await apply(JSON.stringify({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } }));
  const token = await until(async () => {
    const secret = await kubectl(`-n ${namespace} get serviceaccount ${name} -o jsonpath='{.secrets[0].name}'`);
    return decoded(await kubectl(`-n ${namespace} get secret ${secret} -o jsonpath='{.data.token}'`));
  });
  const ca = (await host.sh('base64 -w0 /etc/kubernetes/pki/ca.crt')).trim();
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'lab', cluster: { server: `https://${endpoint}`, 'certificate-authority-data': ca } }],
    users: [{ name, user: { token } }],
    contexts: [{ name: 'lab', context: { cluster: 'lab', user: name } }],
    'current-context': 'lab',
  });
}

function decoded(base64: string): string {
  if (base64 === '') throw new Error('the token is not there yet');
  return Buffer.from(base64, 'base64').toString();
}
