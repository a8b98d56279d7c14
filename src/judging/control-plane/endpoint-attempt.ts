import type { FactsOf } from '../../engine/check.ts';
import { parseEndpoint } from '../../values/endpoint.ts';

/** What a machine saw of the endpoint when it tried each of its addresses. */
export type EndpointSeen = NonNullable<FactsOf<'controlPlaneEndpoint', never>['controlPlaneEndpoint']>;
export type EndpointAttempt = EndpointSeen['attempts'][number];

/** Why it matters, whatever is wrong with it. */
export const WHY_ENDPOINT = 'every kubelet, and kubeadm join itself, reaches the API server there';

/** This machine has no such family or no route of it; where another address works that is no fault. */
export const NO_SUCH_FAMILY: readonly string[] = ['ENETUNREACH', 'EAFNOSUPPORT', 'EADDRNOTAVAIL'];
/** What OpenSSL says of bytes that are no TLS, an HTTP answer for one. */
const NOT_TLS = ['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_PACKET_LENGTH_TOO_LONG', 'ERR_SSL_HTTP_REQUEST', 'EPROTO'];

export function isNotTls({ tls }: EndpointAttempt): boolean {
  return tls !== null && NOT_TLS.includes(tls);
}

/** It accepts connections and may be an API server that has much to do. */
export function isSlow({ tls }: EndpointAttempt): boolean {
  return tls === 'ETIMEDOUT';
}

export function hostOf({ endpoint }: EndpointSeen): string {
  return parseEndpoint(endpoint, 6443)?.host ?? endpoint;
}
