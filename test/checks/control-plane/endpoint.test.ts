import { test } from 'vitest';
import check from '../../../checks/control-plane/endpoint.ts';
import type { EndpointRequest, EndpointResult, Probed, ProbeReading } from '../../../src/evidence/probes.ts';
import type { SenderSaw } from '../../../src/evidence/reach.ts';
import { testCheck } from '../../../src/plugins/test-check.ts';
import { nic } from '../network/facts.ts';

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

const interfaces = { value: { interfaces: [nic('eth0', '10.0.0.11/24')] } };

function facts(attempts: readonly (typeof good | ReturnType<typeof bad>)[], resolve = 'resolved') {
  return {
    interfaces,
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

const worker = { node: { name: 'w1', self: true, addresses: ['10.0.0.21'] } };
const controlPlane = { name: 'cp1', roles: ['control-plane' as const], self: false, addresses: ['10.0.0.11'] };
const behind = [{ machine: 'cp1', address: '10.0.0.11', port: 6443 }];
const through: EndpointRequest = { kind: 'endpoint', from: 'w1', address: '10.0.0.12', port: 6443, behind };
const run = (attempt = bad('ECONNREFUSED'), sender = worker) => [
  { ...sender, facts: facts([attempt]) },
  { node: controlPlane, facts: facts([attempt]) },
];

function saw(sender: Partial<SenderSaw>, arrivedAt: readonly string[] = [], request = through): Probed {
  const nothing: SenderSaw = {
    outcome: 'silence',
    errno: null,
    waitedMs: 1,
    rttMs: null,
    sent: 1,
    address: '10.0.0.21',
    atOnce: false,
    answeredBy: null,
    spoken: false,
    heldBack: null,
    neighbour: null,
    answers: null,
    dressed: null,
    likeDressed: null,
  };
  const value: EndpointResult = { sender: { ...nothing, ...sender }, arrivedAt };
  return said({ value }, request);
}
function said(reading: ProbeReading<'endpoint'>, request = through): Probed {
  return { kind: 'endpoint', request, reading };
}
const notTls = bad('connected', 'ERR_SSL_WRONG_VERSION_NUMBER');
const subject = 'api.example.org:6443 at 10.0.0.12';
const not = (why: string) =>
  `Whether api.example.org:6443 (10.0.0.12) leads to a control plane is not proved before the first kubeadm init: ${why}`;

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
        name: 'every local port is taken',
        plan,
        facts: facts([bad('EADDRINUSE')]),
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
        facts: { interfaces, controlPlaneEndpoint: null },
        expect: [{ reason: 'not-observed', status: 'unknown' }],
      },
      {
        name: 'refused for a worker whose control planes are not set up yet',
        plan,
        facts: facts([bad('ECONNREFUSED')]),
        beside: [controlPlane],
        expect: [{ reason: 'not-yet-served', status: 'skip' }],
      },
      {
        name: 'refused for a worker, and a control plane has joined',
        plan,
        facts: facts([bad('ECONNREFUSED')]),
        beside: [{ ...controlPlane, stage: 'joined' }],
        expect: [{ reason: 'refused' }],
      },
      {
        name: 'refused for a worker among workers',
        plan,
        facts: facts([bad('ECONNREFUSED')]),
        beside: [{ roles: ['worker'], addresses: ['10.0.0.22'] }],
        expect: [{ reason: 'refused' }],
      },
      {
        name: 'no TLS, and a control plane takes part: it may be a listener of ours',
        ...first,
        plan,
        facts: facts([notTls]),
        beside: [controlPlane],
        expect: [{ reason: 'not-yet-served' }],
      },
    ],
    probes: [
      { name: 'this node through each address', nodes: run(), plan, expect: [through] },
      {
        name: 'every node where the machine that asks is none',
        nodes: run(bad('ECONNREFUSED'), { node: { ...worker.node, self: false } }),
        plan,
        expect: [through, { ...through, from: 'cp1' }],
      },
      {
        name: 'the port of the load balancer and that of the API server',
        nodes: run().map((each) => ({
          ...each,
          facts: {
            interfaces,
            controlPlaneEndpoint: { ...each.facts.controlPlaneEndpoint, endpoint: 'api.example.org:443' },
          },
        })),
        plan: { controlPlaneEndpoint: 'api.example.org:443', apiServerPort: 7443 },
        expect: [{ ...through, port: 443, behind: [{ machine: 'cp1', address: '10.0.0.11', port: 7443 }] }],
      },
      {
        name: 'a control plane has the address of the endpoint itself',
        nodes: run().map((each) => ({
          ...each,
          facts: {
            ...each.facts,
            interfaces: { value: { interfaces: [nic('eth0', '10.0.0.11/24'), nic('vip0', '10.0.0.12/32')] } },
          },
        })),
        plan,
        expect: [{ ...through, behind: [...behind, { machine: 'cp1', address: '10.0.0.12', port: 6443 }] }],
      },
      { name: 'an API server answers already', nodes: run({ ...bad('connected'), tls: 'done' }), plan, expect: [] },
      { name: 'no way to that family', nodes: run(bad('ENETUNREACH')), plan, expect: [] },
      {
        name: 'a node has joined',
        nodes: [run()[0]!, { node: { ...controlPlane, stage: 'joined' }, facts: facts([]) }],
        plan,
        expect: [],
      },
      {
        name: 'no control plane takes part',
        nodes: [run()[0]!, { node: { name: 'w2', self: false, addresses: ['10.0.0.22'] }, facts: facts([]) }],
        plan,
        expect: [],
      },
      {
        name: 'the nodes are to join a cluster that is there',
        nodes: run(),
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
        expect: [],
      },
      {
        name: 'facts of another endpoint',
        nodes: run(),
        plan: { controlPlaneEndpoint: 'other:6443' },
        expect: [],
      },
    ],
    compare: [
      {
        name: 'our nonce comes through',
        nodes: run(),
        plan,
        probed: [saw({ outcome: 'answered', answeredBy: 'cp1', rttMs: 0.4 }, ['cp1'])],
        expect: [
          {
            reason: 'proved',
            status: 'pass',
            nodes: ['w1', 'cp1'],
            subject,
            message:
              'api.example.org:6443 (10.0.0.12) leads from w1 to port 6443 of cp1: our own listener there answered through it.',
          },
        ],
      },
      {
        name: 'another node of the run answers, which is no control plane',
        nodes: run(),
        plan,
        probed: [saw({ outcome: 'answered', answeredBy: 'w1' })],
        expect: [{ reason: 'unproved' }],
      },
      ...(
        [
          [{ outcome: 'refused' }, 'it refuses, as a load balancer does that finds no server healthy yet.'],
          [{ outcome: 'silence' }, 'it is silent, as an address is that nobody has taken yet.'],
          [{ outcome: 'error', errno: 'EHOSTUNREACH' }, 'it cannot be reached yet (EHOSTUNREACH).'],
          [
            { outcome: 'accepted' },
            'it takes connections and passes none on, as a load balancer does that finds no server healthy yet.',
          ],
        ] as const
      ).map(([sender, why]) => ({
        name: `a load balancer before its servers are healthy: ${sender.outcome}`,
        nodes: run(),
        plan,
        probed: [saw(sender)],
        expect: [
          {
            reason: 'unproved',
            status: 'warn' as const,
            nodes: ['w1'],
            subject,
            message: not(why),
            why: 'Before kubeadm init nothing else tells whether this address leads to a control plane, and kubeadm init and join wait in vain where it does not.',
            expected: 'a listener of ours on port 6443 of cp1 answers through it',
            remedy: {
              text: 'Start the load balancer, or point it at port 6443 of the control planes (cp1). It is normal with kube-vip, and with load balancers whose health check wants TLS or /healthz: their address answers only after kubeadm init.',
            },
          },
        ],
      })),
      {
        name: 'the endpoint is the control plane itself',
        nodes: run({ ...bad('ECONNREFUSED'), address: '10.0.0.11' }),
        plan,
        probed: [saw({ outcome: 'refused' }, [], { ...through, address: '10.0.0.11' })],
        expect: [
          {
            reason: 'unproved',
            subject: 'api.example.org:6443 at 10.0.0.11',
            remedy: { text: 'It is an address of cp1: see what ports/reachable says of tcp/6443 there.' },
          },
        ],
      },
      {
        name: 'a node was lost before it could be tried',
        nodes: run(),
        plan,
        probed: [said({ unread: 'undecided', machine: 'cp1', detail: 'cp1 vanished.' })],
        expect: [
          {
            reason: 'untried',
            status: 'unknown',
            message:
              'Whether api.example.org:6443 (10.0.0.12) leads to a control plane is not known: the connection could not be tried (cp1 vanished).',
          },
        ],
      },
      {
        name: 'the sender is out of something',
        nodes: run(),
        plan,
        probed: [saw({ outcome: 'error', errno: 'EMFILE' })],
        expect: [{ reason: 'untried', status: 'unknown', nodes: ['w1'] }],
      },
      {
        name: 'somebody else speaks first',
        nodes: run(),
        plan,
        probed: [saw({ outcome: 'accepted', spoken: true })],
        expect: [{ reason: 'stranger', status: 'unknown', nodes: ['w1'] }],
      },
      {
        name: 'what speaks no TLS is still there, and is none of ours',
        nodes: run(notTls),
        plan,
        probed: [saw({ outcome: 'accepted' })],
        expect: [{ reason: 'not-tls', status: 'fail', nodes: ['w1'] }],
      },
      {
        name: 'what spoke no TLS was a listener of ours',
        nodes: run(notTls),
        plan,
        probed: [saw({ outcome: 'answered', answeredBy: 'cp1' }, ['cp1'])],
        expect: [{ reason: 'proved' }],
      },
      {
        name: 'what spoke no TLS is gone',
        nodes: run(notTls),
        plan,
        probed: [saw({ outcome: 'refused' })],
        expect: [{ reason: 'unproved' }],
      },
      {
        name: 'saved facts without packets',
        nodes: run(notTls),
        plan,
        expect: [{ reason: 'not-tls', nodes: ['w1'] }],
      },
      { name: 'saved facts without packets, and nothing wrong', nodes: run(), plan, expect: [] },
    ],
  },
  test,
);
