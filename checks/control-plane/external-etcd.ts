import { clientCertificate, judgeFile } from '../../src/judging/control-plane/etcd-certificates.ts';
import { judgeEndpoint } from '../../src/judging/control-plane/etcd-endpoint.ts';
import { CERTIFICATES, VERSION } from '../../src/judging/control-plane/etcd-names.ts';
import { defineCheck } from '../../src/judging/define-check.ts';

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
      ...seen.files.map(judgeFile),
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
