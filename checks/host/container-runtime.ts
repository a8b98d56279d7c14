import type { Node } from '../../src/engine/node.ts';
import { defineCheck } from '../../src/judging/define-check.ts';
import { judgeCgroupDriver } from '../../src/judging/host/cgroup-driver.ts';
import { configBroken, criDisabled, criIsDisabled } from '../../src/judging/host/containerd-configuration.ts';
import { kubeletConfiguration } from '../../src/judging/host/kubelet-configuration.ts';
import {
  accepts,
  chooseSocket,
  type RuntimeAnswers,
  type RuntimeFact,
  type RuntimeSocket,
} from '../../src/judging/host/runtime-socket.ts';
import { notAnswered } from '../../src/judging/host/runtime-unanswered.ts';
import { RUNTIME_CONFIG_EXPECTED } from '../../src/kubernetes/cri.ts';
import { isFrom } from '../../src/kubernetes/versions.ts';
import type { Settings } from '../../src/plan/settings.ts';

export default defineCheck({
  id: 'host/container-runtime',
  title: 'the container runtime answers and suits the kubelet',
  docs: 'https://kubernetes.io/docs/setup/production-environment/container-runtimes/',
  kubeadm: ['CRI', 'ContainerRuntimeVersion'],
  stages: ['fresh', 'joined'],
  reasons: {
    ready: 'pass',
    'cgroup-driver': 'pass',
    missing: 'fail',
    'several-sockets': 'fail',
    'not-answering': 'fail',
    'cri-disabled': 'fail',
    'too-old': 'fail',
    'not-ready': 'fail',
    'cgroup-driver-mismatch': 'fail',
    'config-broken': 'fail',
    'network-not-ready': 'warn',
    'cgroup-driver-not-default': 'warn',
    'no-runtime-config': 'warn',
    'socket-denied': 'unknown',
    undecided: 'unknown',
    'cgroup-driver-not-told': 'skip',
    'not-live': 'skip',
  },
  needs: ['containerRuntime'],
  wants: ['kubeletConfig'],
  judge({ containerRuntime, kubeletConfig }, context) {
    const { node, plan } = context;
    const { asked, sockets, containerd } = containerRuntime;
    if (!asked) return ofDirectory(containerRuntime);
    const inUse = chooseSocket(containerRuntime, plan, node);
    if (inUse === 'several') return [several(sockets.filter(accepts))];
    if (inUse === null || !inUse.present || inUse.answers === null) {
      return [
        containerd !== null && containerd.broken.length > 0 && inUse?.runtime !== 'cri-o'
          ? configBroken(containerd.broken)
          : missing(inUse, containerd),
      ];
    }
    const { answers } = inUse;
    if (answers.outcome !== 'answered') return [notAnswered(inUse, answers, containerd, node)];
    return [
      ready(inUse, answers, node, plan),
      judgeCgroupDriver(inUse, answers, containerd, kubeletConfiguration(kubeletConfig, context), node),
      ...(answers.runtimeConfig === 'unimplemented' && isFrom(node.kubernetesVersion, RUNTIME_CONFIG_EXPECTED)
        ? [noRuntimeConfig(inUse, answers)]
        : []),
    ];
  },
});

function ofDirectory({ containerd }: RuntimeFact) {
  const disabled = criDisabled(containerd);
  return [
    ...(containerd !== null && containerd.broken.length > 0 ? [configBroken(containerd.broken)] : []),
    ...(disabled.length > 0 ? [criIsDisabled('/etc/containerd/config.toml', disabled)] : []),
    {
      subject: 'CRI',
      reason: 'not-live' as const,
      message: 'A directory has no runtime that could be asked; only containerd’s configuration in it was judged.',
    },
  ];
}

function several(sockets: readonly RuntimeSocket[]) {
  const paths = sockets.map(({ path }) => path).join(', ');
  return {
    subject: 'CRI',
    reason: 'several-sockets' as const,
    message: `Several container runtimes answer (${paths}), and nobody said which one to use: kubeadm refuses to choose.`,
    expected: 'one socket, or one that is named',
    actual: paths,
    evidence: { sockets: sockets.map(({ path }) => path) },
    remedy: {
      text: 'Name the one to use with --cri-socket, here and for kubeadm (nodeRegistration.criSocket in its configuration); or stop and disable the others.',
    },
  };
}

function missing(socket: RuntimeSocket | null, containerd: RuntimeFact['containerd']) {
  return {
    subject: 'CRI',
    kubeadm: 'CRI',
    reason: 'missing' as const,
    message:
      socket === null
        ? 'No container runtime runs: none of the sockets that kubeadm knows is there.'
        : `There is no socket at ${socket.path}: the container runtime that is named does not run.`,
    expected: 'a container runtime that serves CRI on a Unix socket',
    actual: 'no socket',
    remedy:
      containerd !== null && (socket === null || socket.runtime === 'containerd')
        ? {
            text: 'containerd is configured and does not run: start it, and let it start at boot.',
            commands: ['systemctl enable --now containerd'],
          }
        : {
            text: 'Install a container runtime such as containerd or CRI-O, or start the one that is installed, and let it start at boot.',
          },
  };
}

function ready({ path }: RuntimeSocket, { name, version, conditions }: RuntimeAnswers, node: Node, plan: Settings) {
  const condition = (type: string) => conditions.find((each) => each.type === type);
  const [runtime, network] = [condition('RuntimeReady'), condition('NetworkReady')];
  const who = `${name ?? 'The runtime'} ${version ?? ''}`.trim();
  const evidence = { socket: path, name, version, conditions };
  if (runtime?.status === false) {
    return {
      subject: path,
      kubeadm: 'CRI',
      reason: 'not-ready' as const,
      message: `${who} answers and says that it is not ready.`,
      expected: 'RuntimeReady',
      actual: `${runtime.reason}: ${runtime.message}`,
      evidence,
      remedy: { text: 'Look at the log of the runtime.' },
    };
  }
  if (network?.status === false && node.stage === 'joined' && plan.cni !== 'none') {
    return {
      subject: path,
      reason: 'network-not-ready' as const,
      message: `${who} has no pod network: the node stays NotReady.`,
      expected: 'NetworkReady',
      actual: `${network.reason}: ${network.message}`,
      evidence,
      remedy: { text: 'Install a network add-on, or see what cni/config says of the one that is there.' },
    };
  }
  const waits =
    network?.status === false ? ' It has no pod network yet, which is normal before an add-on is installed.' : '';
  return {
    subject: path,
    reason: 'ready' as const,
    message: `${who} answers at ${path} and is ready.${waits}`,
    evidence,
  };
}

function noRuntimeConfig({ path }: RuntimeSocket, { name, version }: RuntimeAnswers) {
  return {
    subject: 'RuntimeConfig',
    kubeadm: 'ContainerRuntimeVersion',
    reason: 'no-runtime-config' as const,
    message: `${name ?? 'The runtime'} ${version ?? ''} does not tell the kubelet its cgroup driver (CRI RuntimeConfig); a later kubelet will not start with it.`,
    expected: 'containerd 2.0 or later, CRI-O 1.28 or later',
    actual: `${name ?? 'a runtime'} ${version ?? ''}`,
    evidence: { socket: path, name, version },
    remedy: { text: 'Upgrade the runtime before the kubelet: containerd 2.0 and CRI-O 1.28 answer RuntimeConfig.' },
  };
}
