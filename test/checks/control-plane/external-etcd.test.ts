import { test } from 'vitest';
import check from '../../../checks/control-plane/external-etcd.ts';
import { testCheck } from '../../../src/plugins/test-check.ts';

const file = (state: 'read' | 'missing' | 'denied' | 'error') => ({ role: 'certFile' as const, path: '/c.crt', state });
const leaf = {
  subject: 'CN=c',
  names: [],
  notBefore: '2026-01-01T00:00:00.000Z',
  notAfter: '2027-01-01T00:00:00.000Z',
  keyMatches: true,
};
const url = 'https://10.0.0.21:2379';
const etcd = (version: string | null) => ({ url, request: 'answered', status: 200, version });
const status = (code: number) => ({ url, request: 'answered', status: code, version: null });
const lost = (request: string) => ({ url, request, status: null, version: null });
const seen = {
  observedAt: '2026-06-01T00:00:00.000Z',
  files: [file('read')],
  clientCertificate: leaf,
  endpoints: [etcd('3.6.9')],
};
const certificate = (changed: Partial<typeof leaf>) => ({
  externalEtcd: { ...seen, clientCertificate: { ...leaf, ...changed } },
});
const endpoint = (one: ReturnType<typeof etcd | typeof status | typeof lost>) => ({
  externalEtcd: { ...seen, files: [], endpoints: [one] },
});
const broken = (state: 'missing' | 'denied' | 'error') => ({
  externalEtcd: { ...seen, files: [file(state)], clientCertificate: null, endpoints: [] },
});
const node = { roles: ['control-plane' as const] };

testCheck(
  check,
  {
    judge: [
      {
        name: 'all well',
        node,
        facts: { externalEtcd: seen },
        expect: [
          { reason: 'file-readable', status: 'pass' },
          { reason: 'certificate-valid', status: 'pass' },
          { reason: 'supported', status: 'pass', kubeadm: 'ExternalEtcdVersion' },
        ],
      },
      {
        name: 'a file is missing',
        node,
        facts: broken('missing'),
        expect: [
          { reason: 'file-missing', status: 'fail', kubeadm: 'ExternalEtcdClientCertificates' },
          { reason: 'not-observed', status: 'unknown' },
        ],
      },
      {
        name: 'a file is missing, role not known',
        node: { roles: ['any'] },
        facts: broken('missing'),
        expect: [
          { reason: 'file-missing', status: 'warn', was: 'fail', because: 'role-any' },
          { reason: 'not-observed' },
        ],
      },
      {
        name: 'not root',
        node,
        facts: broken('denied'),
        expect: [{ reason: 'file-denied', status: 'unknown' }, { reason: 'not-observed' }],
      },
      {
        name: 'a broken disk',
        node,
        facts: broken('error'),
        expect: [{ reason: 'file-unreadable', status: 'unknown' }, { reason: 'not-observed' }],
      },
      {
        name: 'no certificate in it',
        node,
        facts: { externalEtcd: { ...seen, clientCertificate: null } },
        expect: [
          { reason: 'file-readable' },
          { reason: 'certificate-broken', status: 'fail' },
          { reason: 'supported' },
        ],
      },
      {
        name: 'expired',
        node,
        facts: certificate({ notAfter: '2026-02-01T00:00:00.000Z' }),
        expect: [
          { reason: 'file-readable' },
          { reason: 'certificate-expired', status: 'fail' },
          { reason: 'supported' },
        ],
      },
      {
        name: 'not yet valid',
        node,
        facts: certificate({ notBefore: '2026-07-01T00:00:00.000Z' }),
        expect: [
          { reason: 'file-readable' },
          { reason: 'certificate-not-yet-valid', status: 'fail' },
          { reason: 'supported' },
        ],
      },
      {
        name: 'another key',
        node,
        facts: certificate({ keyMatches: false }),
        expect: [{ reason: 'file-readable' }, { reason: 'key-mismatch', status: 'fail' }, { reason: 'supported' }],
      },
      {
        name: 'refused',
        node,
        facts: endpoint(lost('ECONNREFUSED')),
        expect: [{ reason: 'unreachable', status: 'fail' }],
      },
      {
        name: 'another CA',
        node,
        facts: endpoint(lost('UNABLE_TO_VERIFY_LEAF_SIGNATURE')),
        expect: [{ reason: 'tls-failed', status: 'fail' }],
      },
      {
        name: 'nginx',
        node,
        facts: endpoint(status(404)),
        expect: [{ reason: 'not-etcd', status: 'fail' }],
      },
      {
        name: 'no leader',
        node,
        facts: endpoint(status(503)),
        expect: [{ reason: 'unavailable', status: 'unknown' }],
      },
      {
        name: 'too old',
        node,
        facts: endpoint(etcd('3.4.23')),
        expect: [{ reason: 'too-old', status: 'fail', expected: '3.5.24 or later', actual: '3.4.23' }],
      },
      { name: 'exactly old enough', node, facts: endpoint(etcd('3.5.24')), expect: [{ reason: 'supported' }] },
      {
        name: 'raised within the minor version',
        node: { ...node, kubernetesVersion: '1.32' },
        facts: endpoint(etcd('3.5.16')),
        expect: [{ reason: 'perhaps-too-old', status: 'warn' }],
      },
      {
        name: 'an old Kubernetes',
        node: { ...node, kubernetesVersion: '1.27' },
        facts: endpoint(etcd('3.4.23')),
        expect: [{ reason: 'supported' }],
      },
      {
        name: 'facts without etcd',
        node,
        facts: { externalEtcd: null },
        expect: [{ reason: 'not-observed', status: 'unknown' }],
      },
    ],
  },
  test,
);
