import { test } from 'vitest';
import check from '../../../checks/ports/served.ts';
import type { Facts } from '../../../src/evidence/facts.ts';
import type { Reading } from '../../../src/evidence/reading.ts';
import { testCheck } from '../../../src/plugins/test-check.ts';
import type { Finding } from '../../../src/report/schema.ts';
import { hiddenOwners, listening, nothing, ownedBy, owner, unread } from './facts.ts';

type Wanted = {
  readonly listeners: Facts['listeners'];
  readonly socketOwners: Reading<Facts['socketOwners']>;
  readonly processes: Reading<Facts['processes']>;
  readonly staticPods: Reading<Facts['staticPods']>;
  readonly kubeletConfig: Reading<Facts['kubeletConfig']>;
  readonly componentHealth: Reading<Facts['componentHealth']>;
};

const running = (...names: readonly string[]): Reading<Facts['processes']> => ({
  value: { running: names.map((name, index) => ({ name, pid: index + 1 })) },
});
const health = (...answers: readonly Partial<Facts['componentHealth']['answers'][number]>[]) => ({
  value: {
    answers: answers.map((answer) => ({ port: 0, path: '/healthz', status: 200, failing: [], error: null, ...answer })),
  },
});
const noPods = { value: { components: [], broken: [] } };
const facts = (more: Partial<Wanted>): Wanted => ({
  listeners: listening('[::]:10250', '127.0.0.1:10248', '127.0.0.1:10249', '[::]:10256'),
  socketOwners: ownedBy(owner(1, 'kubelet'), owner(2, 'kubelet'), owner(3, 'kube-proxy'), owner(4, 'kube-proxy')),
  processes: running('kubelet', 'kube-proxy'),
  staticPods: noPods,
  kubeletConfig: unread,
  componentHealth: unread,
  ...more,
});

const WORKER = ['tcp/10250', 'tcp/10248', 'tcp/10249', 'tcp/10256'];
const but = (ports: readonly string[], ...special: readonly Partial<Finding>[]) =>
  ports.map(
    (subject) =>
      special.find((each) => each.subject === subject) ?? { subject, reason: 'served', status: 'pass' as const },
  );

const CONTROL_PLANE = [
  'tcp/6443',
  'tcp/2379',
  'tcp/2380',
  'tcp/2381',
  'tcp/10250',
  'tcp/10248',
  'tcp/10257',
  'tcp/10259',
  'tcp/10249',
  'tcp/10256',
];
const pod = (name: Facts['staticPods']['components'][number]['name'], flags: Record<string, string> = {}) => ({
  name,
  version: '1.36.2',
  flags,
});
const etcdFlags = {
  'listen-client-urls': 'https://127.0.0.1:2379,https://10.0.0.1:2379',
  'listen-peer-urls': 'https://10.0.0.1:2380',
  'listen-metrics-urls': 'http://127.0.0.1:2381',
};
const pods = [
  pod('kube-apiserver', { 'secure-port': '6443' }),
  pod('etcd', etcdFlags),
  pod('kube-controller-manager'),
  pod('kube-scheduler'),
];
const controlPlane = facts({
  listeners: listening(
    '[::]:10250',
    '127.0.0.1:10248',
    '127.0.0.1:10249',
    '[::]:10256',

    '[::]:6443',
    '127.0.0.1:2379',
    '10.0.0.1:2379',
    '10.0.0.1:2380',
    '127.0.0.1:2381',
    '127.0.0.1:10257',
    '127.0.0.1:10259',
  ),
  socketOwners: ownedBy(
    ...['kubelet', 'kubelet', 'kube-proxy', 'kube-proxy', 'kube-apiserver', 'etcd', 'etcd', 'etcd', 'etcd'].map(
      (name, index) => owner(index + 1, name),
    ),
    owner(10, 'kube-controller', { names: ['kube-controller', 'kube-controller-manager'] }),
    owner(11, 'hyperkube'),
  ),
  staticPods: { value: { components: pods, broken: [] } },
});
const onControlPlane = { stage: 'joined', roles: ['control-plane'] } as const;
const joined = { stage: 'joined' } as const;

testCheck(
  check,
  {
    judge: [
      {
        name: 'a directory without /proc/net',
        node: joined,
        facts: facts({ listeners: nothing }),
        expect: [{ reason: 'not-shown', status: 'skip' }],
      },
      { name: 'a worker', node: joined, facts: facts({}), expect: but(WORKER) },
      { name: 'a control plane', node: onControlPlane, facts: controlPlane, expect: but(CONTROL_PLANE) },
      {
        name: 'everything says that it is well',
        node: joined,
        facts: facts({ componentHealth: health({ port: 10_248 }, { port: 10_256 }) }),
        expect: but(WORKER, {
          subject: 'tcp/10248',
          reason: 'served',
          message: 'kubelet (pid 802) on 127.0.0.1:10248 serves kubelet health and says that it is well.',
        }),
      },
      {
        name: 'an API server that does not answer strangers is not ill',
        node: onControlPlane,
        facts: { ...controlPlane, componentHealth: health({ port: 6443, status: 401, path: '/readyz' }) },
        expect: but(CONTROL_PLANE),
      },
      {
        name: 'an API server that lost its etcd',
        node: onControlPlane,
        facts: {
          ...controlPlane,
          componentHealth: health({ port: 6443, status: 500, path: '/readyz', failing: ['etcd'] }),
        },
        expect: but(CONTROL_PLANE, {
          subject: 'tcp/6443',
          reason: 'unhealthy',
          status: 'fail',
          actual: 'HTTP 500: etcd',
        }),
      },
      {
        name: 'no answer is no judgement',
        node: joined,
        facts: facts({ componentHealth: health({ port: 10_248, status: null, error: 'no answer in time' }) }),
        expect: but(WORKER, { subject: 'tcp/10248', reason: 'no-answer', status: 'unknown' }),
      },
      {
        name: 'the kubelet is dead',
        node: joined,
        facts: facts({ listeners: listening(), processes: running() }),
        expect: [
          { subject: 'tcp/10250', reason: 'not-served', status: 'fail', actual: 'no listener' },
          { subject: 'tcp/10248', reason: 'not-served' },
          { subject: 'tcp/10249', reason: 'no-kube-proxy', status: 'skip' },
          { subject: 'tcp/10256', reason: 'no-kube-proxy' },
        ],
      },
      {
        name: 'somebody else has the kubelet’s port',
        node: joined,
        facts: facts({
          socketOwners: ownedBy(owner(1, 'nginx', { unit: 'nginx.service' }), owner(2, 'kubelet')),
          listeners: listening('[::]:10250', '127.0.0.1:10248'),
          processes: running('kubelet'),
        }),
        expect: [
          {
            subject: 'tcp/10250',
            reason: 'wrong-owner',
            status: 'fail',
            actual: 'served by nginx (pid 801, nginx.service) on [::]:10250',
          },
          { subject: 'tcp/10248', reason: 'served' },
          { reason: 'no-kube-proxy' },
          { reason: 'no-kube-proxy' },
        ],
      },
      {
        name: 'a listener on another address, beside the proper one, does no harm',
        node: joined,
        facts: facts({
          listeners: listening('[::]:10250', '127.0.0.1:10248', '127.0.0.1:10249', '[::]:10256', '10.0.0.9:10248'),
          socketOwners: ownedBy(
            owner(1, 'kubelet'),
            owner(2, 'kubelet'),
            owner(3, 'kube-proxy'),
            owner(4, 'kube-proxy'),
            owner(5, 'nginx'),
          ),
        }),
        expect: but(WORKER),
      },
      {
        name: 'a replacement serves kube-proxy’s health port',
        node: joined,
        facts: facts({
          socketOwners: ownedBy(owner(1, 'kubelet'), owner(2, 'kubelet'), owner(4, 'antrea-agent')),
          processes: running('kubelet'),
        }),
        expect: but(
          WORKER,
          { subject: 'tcp/10249', reason: 'no-kube-proxy' },
          { subject: 'tcp/10256', reason: 'no-kube-proxy' },
        ),
      },
      {
        name: 'kube-proxy runs without its metrics, and its health port is somebody else’s',
        node: joined,
        facts: facts({
          listeners: listening('[::]:10250', '127.0.0.1:10248', '[::]:10256'),
          socketOwners: ownedBy(owner(1, 'kubelet'), owner(2, 'kubelet'), owner(3, 'nginx')),
        }),
        expect: but(
          WORKER,
          { subject: 'tcp/10249', reason: 'turned-off', status: 'skip' },
          { subject: 'tcp/10256', reason: 'wrong-owner', status: 'fail' },
        ),
      },
      {
        name: 'not root: who listens is not seen, and nothing is claimed',
        node: joined,
        facts: facts({ socketOwners: hiddenOwners }),
        expect: WORKER.map((subject) => ({ subject, reason: 'owner-not-visible', status: 'unknown' })),
      },
      {
        name: 'processes are hidden, and no kube-proxy listens',
        node: joined,
        facts: facts({ listeners: listening('[::]:10250', '127.0.0.1:10248'), processes: unread }),
        expect: but(
          WORKER,
          { subject: 'tcp/10249', reason: 'undecided', status: 'unknown' },
          { subject: 'tcp/10256', reason: 'undecided' },
        ),
      },
      {
        name: 'manifests that may not be read: a control plane could listen elsewhere',
        node: onControlPlane,
        facts: facts({ staticPods: unread }),
        expect: CONTROL_PLANE.map((subject) =>
          WORKER.includes(subject)
            ? { subject, reason: 'served' }
            : { subject, reason: 'undecided', status: 'unknown' },
        ),
      },
      {
        name: 'a control plane with an etcd elsewhere, and an API server on another port',
        node: onControlPlane,
        facts: facts({
          listeners: listening('[::]:10250', '127.0.0.1:10248', '127.0.0.1:10249', '[::]:10256', '[::]:8443'),
          socketOwners: ownedBy(
            owner(1, 'kubelet'),
            owner(2, 'kubelet'),
            owner(3, 'kube-proxy'),
            owner(4, 'kube-proxy'),
            owner(5, 'kube-apiserver'),
          ),
          staticPods: {
            value: {
              components: [
                pod('kube-apiserver', { 'secure-port': '8443' }),
                pod('kube-scheduler', { 'secure-port': '0' }),
              ],
              broken: [],
            },
          },
        }),
        expect: [
          { subject: 'tcp/8443', reason: 'served' },
          { subject: 'tcp/2379', reason: 'not-here', status: 'skip' },
          { subject: 'tcp/2380', reason: 'not-here' },
          { subject: 'tcp/2381', reason: 'not-here' },
          { subject: 'tcp/10250', reason: 'served' },
          { subject: 'tcp/10248', reason: 'served' },
          { subject: 'tcp/10257', reason: 'not-served', status: 'fail' },
          { subject: 'tcp/10259', reason: 'turned-off' },
          { subject: 'tcp/10249', reason: 'served' },
          { subject: 'tcp/10256', reason: 'served' },
        ],
      },
    ],
  },
  test,
);
