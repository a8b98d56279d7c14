import { defineCheck } from '../../src/judging/define-check.ts';
import type { FactsOf } from '../../src/engine/check.ts';
import { isAtLeast, minimumEtcd } from '../../src/kubernetes/etcd.ts';
import { validityAt } from '../../src/values/certificate.ts';
import { parseVersion } from '../../src/values/version.ts';

type Seen = NonNullable<FactsOf<'externalEtcd', never>['externalEtcd']>;
type File = Seen['files'][number];
type Endpoint = Seen['endpoints'][number];

const VERSION = 'ExternalEtcdVersion';
const CERTIFICATES = 'ExternalEtcdClientCertificates';
/** Workers have no business with etcd. */
const onlyFor = 'control-plane';

export default defineCheck({
  id: 'control-plane/external-etcd',
  title: 'the external etcd answers, lets this node in and is new enough',
  docs: 'https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/high-availability/#external-etcd-nodes',
  kubeadm: [VERSION, CERTIFICATES],
  stages: ['fresh'],
  roles: ['control-plane'],
  requires: ['externalEtcd'],
  reasons: {
    supported: 'pass',
    'file-readable': 'pass',
    'certificate-valid': 'pass',
    'perhaps-too-old': 'warn',
    'not-observed': 'unknown',
    'file-denied': 'unknown',
    'file-unreadable': 'unknown',
    unavailable: 'unknown',
    'file-missing': 'fail',
    'certificate-broken': 'fail',
    'certificate-expired': 'fail',
    'certificate-not-yet-valid': 'fail',
    'key-mismatch': 'fail',
    unreachable: 'fail',
    'tls-failed': 'fail',
    'not-etcd': 'fail',
    'too-old': 'fail',
  },
  needs: ['externalEtcd'],
  wants: [],
  judge({ externalEtcd: seen }, { node }) {
    if (seen === null) {
      return [
        {
          subject: 'external etcd',
          reason: 'not-observed' as const,
          message: 'The saved facts were taken without an external etcd, so nothing is known of it.',
        },
      ];
    }
    return [
      ...seen.files.map(file),
      ...clientCertificate(seen),
      ...seen.endpoints.map((endpoint) => judgeEndpoint(endpoint, node.kubernetesVersion)),
      ...(seen.endpoints.length === 0 ? [notAsked()] : []),
    ];
  },
});

function notAsked() {
  return {
    subject: 'endpoints',
    reason: 'not-observed' as const,
    message: 'etcd was not asked: that takes the files above.',
    kubeadm: VERSION,
  };
}

function file({ role, path, state }: File) {
  const common = { subject: role, kubeadm: CERTIFICATES, onlyFor, evidence: { path } } as const;
  switch (state) {
    case 'read':
      return { ...common, reason: 'file-readable' as const, message: `${path} is there.` };
    case 'missing':
      return {
        ...common,
        reason: 'file-missing' as const,
        message: `${path}, the ${role} of the external etcd, does not exist.`,
        expected: 'the file',
        actual: 'none',
        remedy: {
          text: 'Copy it from the machine where the certificates of etcd were made, or correct etcd.external in the configuration.',
        },
      };
    case 'denied':
      return {
        ...common,
        reason: 'file-denied' as const,
        message: `${path} cannot be read by this user; run seaworthy as root.`,
      };
    case 'error':
    default:
      return { ...common, reason: 'file-unreadable' as const, message: `${path} could not be read.` };
  }
}

function clientCertificate({ files, clientCertificate: leaf, observedAt }: Seen) {
  const path = files.find(({ role, state }) => role === 'certFile' && state === 'read')?.path;
  if (path === undefined) return [];
  const common = { subject: 'client certificate', kubeadm: CERTIFICATES, onlyFor } as const;
  const remedy = {
    text: `Make a new client certificate with the CA of etcd, with its key, and put the two where the configuration says (${path}).`,
  };
  if (leaf === null) {
    return [{ ...common, reason: 'certificate-broken' as const, message: `${path} holds no certificate.`, remedy }];
  }
  const { keyMatches, ...shown } = leaf;
  const validity = validityAt(leaf, observedAt);
  const evidence = { ...shown, keyMatches, observedAt };
  if (keyMatches === false) {
    return [
      {
        ...common,
        reason: 'key-mismatch' as const,
        message: `keyFile is not the private key of ${path}.`,
        evidence,
        remedy,
      },
    ];
  }
  if (validity === 'valid') {
    return [
      {
        ...common,
        reason: 'certificate-valid' as const,
        message: `The client certificate ${path} is valid now.`,
        evidence,
      },
    ];
  }
  return [
    {
      ...common,
      reason: validity === 'expired' ? ('certificate-expired' as const) : ('certificate-not-yet-valid' as const),
      message:
        validity === 'expired'
          ? `The client certificate ${path} expired.`
          : `The client certificate ${path} is not valid yet, by the clock of this machine.`,
      expected: `valid at ${observedAt}`,
      actual: `valid from ${leaf.notBefore} until ${leaf.notAfter}`,
      evidence,
      remedy,
    },
  ];
}

function judgeEndpoint({ url, request, status, version }: Endpoint, kubernetesVersion: string) {
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
