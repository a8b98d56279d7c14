import { test } from 'vitest';
import check from '../../../checks/control-plane/endpoint.ts';
import { testCheck } from '../../../src/plugins/test-check.ts';

const leaf = {
  subject: 'CN=kube-apiserver',
  names: ['api.example.org', '10.0.0.11'],
  notBefore: '2026-01-01T00:00:00.000Z',
  notAfter: '2027-01-01T00:00:00.000Z',
};
const good = { address: '10.0.0.11', connect: 'connected', tls: 'done', certificate: leaf, namesHost: true };
const bad = (connect: string, tls: string | null = null) => ({
  address: '10.0.0.12',
  connect,
  tls,
  certificate: null,
  namesHost: null,
});

function facts(attempts: readonly (typeof good | ReturnType<typeof bad>)[], resolve = 'resolved') {
  return {
    controlPlaneEndpoint: {
      endpoint: 'api.example.org:6443',
      observedAt: '2026-06-01T00:00:00.000Z',
      resolve,
      attempts: [...attempts],
    },
  };
}
const plan = { controlPlaneEndpoint: 'api.example.org:6443' };
const first = { node: { roles: ['control-plane' as const] } };

testCheck(
  check,
  {
    judge: [
      {
        name: 'all well',
        plan,
        facts: facts([good]),
        expect: [
          { reason: 'reachable', status: 'pass', subject: 'api.example.org:6443' },
          { reason: 'certificate-valid', status: 'pass', subject: 'certificate of 10.0.0.11' },
        ],
      },
      {
        name: 'dual stack name on an IPv4 machine',
        plan,
        facts: facts([good, { ...bad('ENETUNREACH'), address: 'fd00::11' }]),
        expect: [{ reason: 'reachable' }, { reason: 'certificate-valid' }],
      },
      {
        name: 'one backend down',
        plan,
        facts: facts([good, bad('ECONNREFUSED')]),
        expect: [
          { reason: 'partly-reachable', status: 'warn', actual: '10.0.0.12 (ECONNREFUSED)' },
          { reason: 'certificate-valid' },
        ],
      },
      {
        name: 'two control planes of one name',
        plan,
        facts: facts([
          good,
          { ...good, address: '10.0.0.12', namesHost: false, certificate: { ...leaf, names: ['10.0.0.12'] } },
        ]),
        expect: [
          { reason: 'reachable' },
          { reason: 'certificate-valid' },
          { reason: 'name-mismatch', status: 'fail', actual: '10.0.0.12' },
        ],
      },
      {
        name: 'no such name',
        plan,
        facts: facts([], 'ENOTFOUND'),
        expect: [{ reason: 'unresolved', status: 'fail', actual: 'ENOTFOUND' }],
      },
      {
        name: 'no such name before init',
        ...first,
        plan,
        facts: facts([], 'ENOTFOUND'),
        expect: [{ reason: 'unresolved' }],
      },
      {
        name: 'a name without addresses',
        plan,
        facts: facts([]),
        expect: [{ reason: 'unresolved', actual: 'no address' }],
      },
      {
        name: 'the resolver is down',
        plan,
        facts: facts([], 'EAI_AGAIN'),
        expect: [{ reason: 'resolver-silent', status: 'unknown' }],
      },
      {
        name: 'a resolver that cannot be asked',
        plan,
        facts: facts([], 'ENOTSUP'),
        expect: [{ reason: 'resolver-silent', status: 'unknown' }],
      },
      {
        name: 'a slow handshake is not a broken one',
        plan,
        facts: facts([bad('ECONNREFUSED'), bad('connected', 'ETIMEDOUT')]),
        expect: [{ reason: 'handshake-timed-out', status: 'unknown' }],
      },
      {
        name: 'one of two is slow',
        plan,
        facts: facts([good, bad('connected', 'ETIMEDOUT')]),
        expect: [
          { reason: 'reachable', status: 'pass' },
          { reason: 'handshake-timed-out', status: 'unknown' },
          { reason: 'certificate-valid' },
        ],
      },
      {
        name: 'a slow handshake before init',
        ...first,
        plan,
        facts: facts([bad('connected', 'ETIMEDOUT')]),
        expect: [{ reason: 'not-yet-served', status: 'skip' }],
      },
      {
        name: 'refused for a worker',
        plan,
        facts: facts([bad('ECONNREFUSED')]),
        expect: [{ reason: 'refused', status: 'fail', actual: 'ECONNREFUSED from 10.0.0.12' }],
      },
      {
        name: 'refused before init',
        ...first,
        plan,
        facts: facts([bad('ECONNREFUSED')]),
        expect: [{ reason: 'not-yet-served', status: 'skip' }],
      },
      {
        name: 'refused before anybody said what the node will be',
        node: { roles: ['any'] },
        plan,
        facts: facts([bad('ETIMEDOUT')]),
        expect: [{ reason: 'not-yet-served' }],
      },
      {
        name: 'a load balancer without backends before init',
        ...first,
        plan,
        facts: facts([bad('connected', 'ECONNRESET')]),
        expect: [{ reason: 'not-yet-served' }],
      },
      {
        name: 'refused for a control plane that joins',
        ...first,
        plan: {
          ...plan,
          join: {
            endpoint: 'api.example.org:6443',
            token: null,
            caCertHashes: [],
            unsafeSkipCaVerification: false,
            controlPlane: true,
          },
        },
        facts: facts([bad('ECONNREFUSED')]),
        expect: [{ reason: 'refused' }],
      },
      {
        name: 'refused on a joined control plane',
        node: { roles: ['control-plane'], stage: 'joined' },
        plan,
        facts: facts([bad('ECONNREFUSED')]),
        expect: [{ reason: 'refused' }],
      },
      { name: 'silence', plan, facts: facts([bad('ETIMEDOUT')]), expect: [{ reason: 'timed-out', status: 'fail' }] },
      {
        name: 'refused says more than silence',
        plan,
        facts: facts([bad('ETIMEDOUT'), bad('ECONNREFUSED')]),
        expect: [{ reason: 'refused' }],
      },
      {
        name: 'no route',
        plan,
        facts: facts([bad('EHOSTUNREACH')]),
        expect: [{ reason: 'unreachable', status: 'fail' }],
      },
      {
        name: 'out of descriptors',
        plan,
        facts: facts([bad('EMFILE')]),
        expect: [{ reason: 'local-limit', status: 'unknown' }],
      },
      {
        name: 'plain HTTP, even before init',
        ...first,
        plan,
        facts: facts([bad('connected', 'ERR_SSL_WRONG_VERSION_NUMBER')]),
        expect: [{ reason: 'not-tls', status: 'fail' }],
      },
      {
        name: 'closed in the handshake',
        plan,
        facts: facts([bad('connected', 'ECONNRESET')]),
        expect: [{ reason: 'handshake-failed', status: 'fail' }],
      },
      {
        name: 'expired',
        plan,
        facts: facts([{ ...good, certificate: { ...leaf, notAfter: '2026-05-31T00:00:00.000Z' } }]),
        expect: [{ reason: 'reachable' }, { reason: 'certificate-expired', status: 'fail' }],
      },
      {
        name: 'a clock that is behind',
        plan,
        facts: facts([{ ...good, certificate: { ...leaf, notBefore: '2026-06-02T00:00:00.000Z' } }]),
        expect: [{ reason: 'reachable' }, { reason: 'certificate-not-yet-valid', status: 'fail' }],
      },
      {
        name: 'a certificate for another name',
        plan,
        facts: facts([{ ...good, namesHost: false }]),
        expect: [{ reason: 'reachable' }, { reason: 'name-mismatch', status: 'fail', expected: 'api.example.org' }],
      },
      {
        name: 'facts of another endpoint',
        plan: { controlPlaneEndpoint: 'other:6443' },
        facts: facts([good]),
        expect: [{ reason: 'not-observed' }],
      },
      {
        name: 'facts without an endpoint',
        plan,
        facts: { controlPlaneEndpoint: null },
        expect: [{ reason: 'not-observed', status: 'unknown' }],
      },
    ],
  },
  test,
);
