import { test } from 'vitest';
import check from '../../../checks/host/container-runtime.ts';
import type { Facts } from '../../../src/evidence/facts.ts';
import { testCheck } from '../../../src/plugins/test-check.ts';
import { kubeletConfig } from '../kubelet-config.ts';

type Runtime = Facts['containerRuntime'];
type Socket = Runtime['sockets'][number];
type Answers = NonNullable<Socket['answers']>;

const CONTAINERD = '/run/containerd/containerd.sock';
const condition = (type: string, status: boolean) => ({ type, status, reason: 'Because', message: 'of it' });
const answered = (changes: Partial<Answers> = {}): Answers => ({
  outcome: 'answered',
  detail: null,
  name: 'containerd',
  version: '2.1.4',
  legacy: false,
  conditions: [condition('RuntimeReady', true), condition('NetworkReady', true)],
  cgroupDriver: 'systemd',
  runtimeConfig: 'answered',
  ...changes,
});
const failed = (outcome: Answers['outcome'], changes: Partial<Answers> = {}): Answers =>
  answered({
    outcome,
    detail: 'why',
    name: null,
    version: null,
    conditions: [],
    cgroupDriver: null,
    runtimeConfig: null,
    ...changes,
  });
const old = (changes: Partial<Answers> = {}) =>
  answered({ version: '1.7.28', cgroupDriver: null, runtimeConfig: 'unimplemented', ...changes });

const socket = (answers: Answers | null, path = CONTAINERD, runtime: Socket['runtime'] = 'containerd'): Socket => ({
  path,
  runtime,
  present: answers !== null,
  answers,
});
const config = (systemdCgroup: boolean | null, disabledPlugins: string[] = [], broken: string[] = []) => ({
  files: ['/etc/containerd/config.toml'],
  broken,
  disabledPlugins,
  systemdCgroup,
});
const kubelet = (cgroupDriver: string | null, present = true) => ({
  value: kubeletConfig({ present, cgroupDriver }),
});
const facts = (sockets: Socket[], changes: Partial<Runtime> = {}, kubeletConfig = kubelet(null, false)) => ({
  containerRuntime: { asked: true, kubeletEndpoint: null, sockets, containerd: null, ...changes },
  kubeletConfig,
});
const joined = { stage: 'joined' as const };
const named = { kubeletEndpoint: `unix://${CONTAINERD}` };

testCheck(
  check,
  {
    judge: [
      {
        name: 'containerd 2 before a network is there',
        facts: facts([
          socket(answered({ conditions: [condition('RuntimeReady', true), condition('NetworkReady', false)] })),
        ]),
        expect: [
          { reason: 'ready', status: 'pass', subject: CONTAINERD },
          { reason: 'cgroup-driver', status: 'pass' },
        ],
      },
      {
        name: 'joined, and all is well',
        node: joined,
        facts: facts([socket(answered())], named, kubelet('cgroupfs')),
        expect: [{ reason: 'ready' }, { reason: 'cgroup-driver' }],
      },
      {
        name: 'joined without a network',
        node: joined,
        facts: facts([socket(answered({ conditions: [condition('NetworkReady', false)] }))], named),
        expect: [
          { reason: 'network-not-ready', status: 'warn', actual: 'Because: of it' },
          { reason: 'cgroup-driver' },
        ],
      },
      {
        name: 'not ready',
        facts: facts([socket(answered({ conditions: [condition('RuntimeReady', false)] }))]),
        expect: [{ reason: 'not-ready', status: 'fail', kubeadm: 'CRI' }, { reason: 'cgroup-driver' }],
      },
      {
        name: 'none',
        facts: facts([socket(null)]),
        expect: [
          {
            reason: 'missing',
            status: 'fail',
            kubeadm: 'CRI',
            message: 'No container runtime runs: none of the sockets that kubeadm knows is there.',
          },
        ],
      },
      {
        name: 'installed and not started',
        facts: facts([socket(null)], { containerd: config(null) }),
        expect: [
          {
            reason: 'missing',
            remedy: {
              text: 'containerd is configured and does not run: start it, and let it start at boot.',
              commands: ['systemctl enable --now containerd'],
            },
          },
        ],
      },
      {
        name: 'the kubelet’s is not there',
        node: joined,
        facts: facts([socket(null)], named),
        expect: [
          {
            reason: 'missing',
            message: `There is no socket at ${CONTAINERD}: the container runtime that is named does not run.`,
          },
        ],
      },
      {
        name: 'its configuration is broken',
        facts: facts([socket(null)], { containerd: config(null, [], ['/etc/containerd/config.toml']) }),
        expect: [{ reason: 'config-broken', status: 'fail' }],
      },
      {
        name: 'two runtimes, and nobody said which',
        facts: facts([socket(answered()), socket(answered(), '/run/cri-dockerd.sock', 'cri-dockerd')]),
        expect: [{ reason: 'several-sockets', status: 'fail', actual: `${CONTAINERD}, /run/cri-dockerd.sock` }],
      },
      {
        name: 'two runtimes, one named',
        plan: { criSocket: 'unix:///var/run/cri-dockerd.sock' },
        facts: facts([socket(failed('unimplemented')), socket(answered(), '/run/cri-dockerd.sock', 'cri-dockerd')]),
        expect: [{ reason: 'ready', subject: '/run/cri-dockerd.sock' }, { reason: 'cgroup-driver' }],
      },
      {
        name: 'two runtimes on a joined node whose kubelet is told nothing',
        node: joined,
        facts: facts([socket(answered()), socket(answered(), '/run/crio/crio.sock', 'cri-o')]),
        expect: [{ reason: 'ready', subject: CONTAINERD }, { reason: 'cgroup-driver' }],
      },
      {
        name: 'one left behind beside one that answers',
        facts: facts([socket(failed('refused')), socket(answered({ name: 'cri-o' }), '/run/crio/crio.sock', 'cri-o')]),
        expect: [{ reason: 'ready', subject: '/run/crio/crio.sock' }, { reason: 'cgroup-driver' }],
      },
      {
        name: 'left behind',
        facts: facts([socket(failed('refused'))]),
        expect: [{ reason: 'not-answering', status: 'fail' }],
      },
      {
        name: 'something else',
        facts: facts([socket(failed('failed'))]),
        expect: [{ reason: 'not-answering', actual: 'why' }],
      },
      {
        name: 'hangs',
        facts: facts([socket(failed('timed-out'))]),
        expect: [{ reason: 'undecided', status: 'unknown' }],
      },
      {
        name: 'not as root',
        facts: facts([socket(failed('denied'))]),
        expect: [{ reason: 'socket-denied', status: 'unknown' }],
      },
      {
        name: 'as Docker’s package leaves it',
        facts: facts([socket(failed('unimplemented'))], { containerd: config(null, ['cri']) }),
        expect: [{ reason: 'cri-disabled', status: 'fail', actual: 'disabled_plugins = ["cri"]', kubeadm: 'CRI' }],
      },
      {
        name: 'the plugin failed to load',
        facts: facts([socket(failed('unimplemented'))], { containerd: config(null) }),
        expect: [{ reason: 'cri-disabled' }],
      },
      {
        name: 'CRI of before v1',
        facts: facts([socket(failed('unimplemented', { legacy: true }))]),
        expect: [{ reason: 'too-old', status: 'fail' }],
      },
      {
        name: 'containerd 1.7 as kubeadm’s documentation wants it',
        facts: facts([socket(old())], { containerd: config(true) }),
        expect: [
          { reason: 'ready' },
          { reason: 'cgroup-driver' },
          { reason: 'no-runtime-config', status: 'warn', kubeadm: 'ContainerRuntimeVersion' },
        ],
      },
      {
        name: 'containerd 1.7 as it comes, for an older Kubernetes',
        node: { kubernetesVersion: '1.34' },
        facts: facts([socket(old())], { containerd: config(false) }),
        expect: [
          { reason: 'ready' },
          { reason: 'cgroup-driver-not-default', status: 'warn', expected: 'systemd', actual: 'cgroupfs' },
        ],
      },
      {
        name: 'containerd 1.7 as it comes, and kubeadm is given its driver for the kubelet',
        node: { kubernetesVersion: '1.34' },
        facts: facts([socket(old())], { containerd: config(false) }),
        plan: {
          kubeletConfiguration: { failSwapOn: null, cgroupDriver: 'cgroupfs', failCgroupV1: null, resolvConf: null },
        },
        expect: [{ reason: 'ready' }, { reason: 'cgroup-driver', status: 'pass' }],
      },
      {
        name: 'joined with two drivers',
        node: { ...joined, kubernetesVersion: '1.34' },
        facts: facts([socket(old())], { ...named, containerd: config(false) }, kubelet('systemd')),
        expect: [
          { reason: 'ready' },
          { reason: 'cgroup-driver-mismatch', status: 'fail', expected: 'systemd', actual: 'cgroupfs' },
        ],
      },
      {
        name: 'joined, the kubelet’s own default',
        node: { ...joined, kubernetesVersion: '1.30' },
        facts: facts([socket(answered({ cgroupDriver: 'cgroupfs' }))], named, kubelet(null)),
        expect: [{ reason: 'ready' }, { reason: 'cgroup-driver' }],
      },
      {
        name: 'a runtime that tells nothing',
        node: { kubernetesVersion: '1.30' },
        facts: facts([socket(old({ name: 'docker' }), '/run/cri-dockerd.sock', 'cri-dockerd')]),
        expect: [{ reason: 'ready' }, { reason: 'cgroup-driver-not-told', status: 'skip' }],
      },
      {
        name: 'a directory',
        facts: facts([socket(null)], { asked: false }),
        expect: [{ reason: 'not-live', status: 'skip' }],
      },
      {
        name: 'a directory with containerd’s CRI disabled',
        facts: facts([socket(null)], { asked: false, containerd: config(null, ['cri']) }),
        expect: [{ reason: 'cri-disabled' }, { reason: 'not-live' }],
      },
    ],
  },
  test,
);
