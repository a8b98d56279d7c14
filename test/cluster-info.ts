import { createHmac, X509Certificate } from 'node:crypto';
import { publicKeyPin } from '../src/values/certificate.ts';
import type { KeyPair } from './authority.ts';

/** Signed as the bootstrap signer of kube-controller-manager does it. */
function sign(kubeconfig: string, id: string, secret: string): string {
  const header = Buffer.from(JSON.stringify({ alg: 'HS256', kid: id })).toString('base64url');
  const payload = Buffer.from(kubeconfig).toString('base64url');
  return `${header}..${createHmac('sha256', secret).update(`${header}.${payload}`).digest('base64url')}`;
}

/** The ConfigMap cluster-info of a cluster with this CA and server, signed with these tokens, as its API server shows it to everybody. */
export function configMap(ca: string, tokens: Record<string, string>, server: string): string {
  const kubeconfig = `apiVersion: v1\nclusters:\n- cluster:\n    certificate-authority-data: ${Buffer.from(ca).toString('base64')}\n    server: ${server}\n  name: ""\nkind: Config\nusers: null\n`;
  const signatures = Object.entries(tokens).map(([id, secret]) => [
    `jws-kubeconfig-${id}`,
    sign(kubeconfig, id, secret),
  ]);
  return JSON.stringify({
    kind: 'ConfigMap',
    apiVersion: 'v1',
    metadata: { name: 'cluster-info' },
    data: { kubeconfig, ...Object.fromEntries(signatures) },
  });
}

/** As `kubeadm join --discovery-token-ca-cert-hash` takes it. */
export function pinOf({ cert }: KeyPair): string {
  return publicKeyPin(new X509Certificate(cert)) ?? '';
}
