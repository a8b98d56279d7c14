import { isAtLeast, minimumEtcd } from '../../kubernetes/etcd.ts';
import { parseVersion } from '../../values/version.ts';
import { onlyFor, VERSION, type ExternalEtcd } from './etcd-names.ts';

/** What an endpoint of etcd said of its version, or why it said nothing. */
export function judgeEndpoint(
  { url, request, status, version }: ExternalEtcd['endpoints'][number],
  kubernetesVersion: string,
) {
  const common = { subject: url, kubeadm: VERSION, onlyFor, evidence: { code: request, status, version } } as const;
  const why = 'the API server of this node starts only when it reaches etcd';
  if (status === null) {
    const tls = /^(?:ERR_(?:SSL|TLS|OSSL)_|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|INVALID_CA|EPROTO)/.test(request);
    return {
      ...common,
      reason: tls ? ('tls-failed' as const) : ('unreachable' as const),
      message: tls ? `${url} and this node do not agree on TLS (${request}).` : `${url} does not answer (${request}).`,
      why,
      expected: 'an answer to GET /version',
      actual: request,
      remedy: {
        text: tls
          ? 'See that caFile is the CA of etcd’s server certificate, that this certificate names the host of the URL, and that the clock of this machine is right.'
          : 'See that etcd runs there and listens on that address, and open its port for this machine.',
      },
    };
  }
  if (status >= 500 || status === 429) {
    return {
      ...common,
      reason: 'unavailable' as const,
      message: `${url} answers HTTP ${status}: etcd is not ready, and did not tell its version.`,
    };
  }
  const parsed = version === null ? null : parseVersion(version);
  if (parsed === null || version === null) {
    return {
      ...common,
      reason: 'not-etcd' as const,
      message: `What answers at ${url} is not etcd.`,
      why,
      expected: 'the version of etcd',
      actual: `HTTP ${status} without one`,
      remedy: { text: 'Correct the endpoint: it is the URL that clients of etcd use, as a rule https and port 2379.' },
    };
  }
  const { oldest, recent } = minimumEtcd(kubernetesVersion);
  const remedy = { text: `Upgrade etcd, one minor version at a time, to ${recent} or later.` };
  if (!isAtLeast(parsed, oldest)) {
    return {
      ...common,
      reason: 'too-old' as const,
      message: `etcd at ${url} is too old for kubeadm ${kubernetesVersion}.`,
      expected: `${oldest} or later`,
      actual: version,
      remedy,
    };
  }
  if (!isAtLeast(parsed, recent)) {
    return {
      ...common,
      reason: 'perhaps-too-old' as const,
      message: `etcd at ${url} is accepted by the first releases of kubeadm ${kubernetesVersion}, and refused by later ones.`,
      expected: `${recent} or later`,
      actual: version,
      remedy,
    };
  }
  return {
    ...common,
    reason: 'supported' as const,
    message: `${url} is etcd ${version}, which kubeadm ${kubernetesVersion} accepts.`,
  };
}
