import type { FactsOf } from '../../engine/check.ts';
import { LOCAL_LIMITS } from '../../values/local-limits.ts';

/** What a machine saw of cluster-info when it asked the server of its join line for it. */
export type ClusterInfoSeen = NonNullable<FactsOf<'clusterInfo', never>['clusterInfo']>;

/** Failures that say that something answered, and that it is no API server. */
export const NOT_AN_API_SERVER: readonly string[] = [
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ERR_SSL_PACKET_LENGTH_TOO_LONG',
  'EPROTO',
  'EFBIG',
];
/** The resolver answered, and the name has no address; other codes are of a resolver that could not be asked. */
const NO_ADDRESS = ['ENOTFOUND', 'ENODATA'];
const WRONG_TIME: Readonly<Record<string, 'certificate-expired' | 'certificate-not-yet-valid'>> = {
  CERT_HAS_EXPIRED: 'certificate-expired',
  CERT_NOT_YET_VALID: 'certificate-not-yet-valid',
};
/** OpenSSL's words for a chain that does not end in the CA that was given. */
const OTHER_CA = [
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'CERT_SIGNATURE_FAILURE',
  'INVALID_CA',
  'CERT_UNTRUSTED',
];

/** The server of the line: its leaf against the CA that cluster-info names. */
export function server({ endpoint, serverChainsToCa }: ClusterInfoSeen) {
  return serverChainsToCa === null ? [] : [certificate('server', endpoint, serverChainsToCa)];
}

/** The one that cluster-info sends nodes to. */
export function advertisedServer({ server: url, advertised }: ClusterInfoSeen) {
  if (url === null || advertised === null) return [];
  const { resolve, connect, request } = advertised;
  if (request !== null) return [certificate('advertised server', url, request)];
  const common = { subject: 'advertised server', evidence: { server: url, code: connect ?? resolve } };
  const why = 'kubeadm join asks the endpoint of the line for cluster-info alone; all that follows goes to this server';
  if (connect === null && (resolve === 'resolved' || NO_ADDRESS.includes(resolve))) {
    return [
      {
        ...common,
        reason: 'server-unresolved' as const,
        message: `cluster-info sends nodes to ${url}, a name that does not resolve on this machine.`,
        why,
        expected: 'an address',
        actual: resolve === 'resolved' ? 'no address' : resolve,
        remedy: { text: 'Give the name an address in DNS, or in /etc/hosts of every node.' },
      },
    ];
  }
  if (connect === null || LOCAL_LIMITS.has(connect)) {
    return [
      {
        ...common,
        reason: 'server-unverified' as const,
        message: `cluster-info sends nodes to ${url}, and this machine could not try it (${connect ?? resolve}).`,
      },
    ];
  }
  return [
    {
      ...common,
      reason: 'server-unreachable' as const,
      message: `cluster-info sends nodes to ${url}, which this machine does not reach (${connect}).`,
      why,
      expected: 'a server that accepts connections',
      actual: connect,
      remedy: {
        text: 'See that the address is right, that the API server or a load balancer serves it, and that no firewall keeps this machine from it. A cluster that moved still names its old address there: correct server in the ConfigMap cluster-info of kube-public.',
        commands: ['kubectl -n kube-public edit configmap cluster-info'],
      },
    },
  ];
}

/** What came of a connection that trusts the CA of the cluster alone. */
function certificate(subject: string, name: string, code: string) {
  const common = { subject, evidence: { server: name, code } };
  if (code === 'yes' || code === 'answered') {
    return {
      ...common,
      reason: 'server-verified' as const,
      message: `The certificate of ${name} is of that CA and for that name.`,
    };
  }
  const wrongTime = WRONG_TIME[code];
  if (wrongTime !== undefined) {
    return {
      ...common,
      reason: wrongTime,
      message:
        wrongTime === 'certificate-expired'
          ? `The certificate of ${name} expired, by the clock of this machine.`
          : `The certificate of ${name} is not valid yet, by the clock of this machine.`,
      remedy: {
        text: 'Set the clock of this machine if it is wrong; otherwise renew the certificates on the control plane.',
      },
    };
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return {
      ...common,
      reason: 'name-mismatch' as const,
      message: `The certificate of ${name} is of that CA, and not for that name.`,
      remedy: {
        text: 'Use a name of the certificate in its place, or add this one to apiServer.certSANs on the control planes.',
      },
    };
  }
  if (NOT_AN_API_SERVER.includes(code)) {
    return {
      ...common,
      reason: 'not-an-api-server' as const,
      message: `What answers at ${name} is no API server.`,
      expected: 'HTTPS',
      actual: code,
      remedy: { text: 'See that a load balancer there passes TCP to the API server unchanged.' },
    };
  }
  if (!OTHER_CA.includes(code)) {
    return {
      ...common,
      reason: 'server-unverified' as const,
      message: `A connection to ${name} that trusts that CA alone failed (${code}).`,
    };
  }
  return {
    ...common,
    reason: 'server-mismatch' as const,
    message: `The certificate of ${name} is not of the CA that the cluster publishes.`,
    why: 'a proxy that opens TLS stands in between, or the control plane was set up anew in part',
    expected: 'a certificate of the CA in cluster-info',
    actual: code,
    remedy: {
      text: 'Let the load balancer pass TCP through unchanged, and see that every backend is a control plane of this cluster.',
    },
  };
}
