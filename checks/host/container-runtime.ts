import type { Node } from '../../src/engine/node.ts';
import type { Facts } from '../../src/evidence/facts.ts';
import { judgeCgroupDriver } from '../../src/judging/cgroup-driver.ts';
import { defineCheck } from '../../src/judging/define-check.ts';
import { kubeletConfiguration } from '../../src/judging/kubelet-configuration.ts';
import { CONTAINERD_CRI_PLUGINS, CRI_V1_ONLY, RUNTIME_CONFIG_EXPECTED, socketPath } from '../../src/kubernetes/cri.ts';
import { isFrom } from '../../src/kubernetes/versions.ts';
import type { Settings } from '../../src/plan/settings.ts';

type Runtime = Facts['containerRuntime'];
type Socket = Runtime['sockets'][number];
type Answers = NonNullable<Socket['answers']>;

const RESTART = 'systemctl restart containerd';

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

/**
 * The socket that kubeadm and the kubelet use: the one that is named, else the only known one that takes connections. A kubelet that
 * is told nothing takes containerd's, the first of the known ones.
 */
function chooseSocket(
  { kubeletEndpoint, sockets }: Runtime,
  plan: Settings,
  { stage }: Node,
): Socket | 'several' | null {
  const endpoint = plan.criSocket ?? kubeletEndpoint;
  const named = endpoint === null ? null : socketPath(endpoint);
  if (named !== null) return sockets.find(({ path }) => sameSocket(path, named)) ?? sockets[0] ?? null;
  const accepting = sockets.filter(accepts);
  if (accepting.length > 1 && stage === 'fresh') return 'several';
  return accepting[0] ?? sockets.find(({ present }) => present) ?? null;
}

const sameSocket = (a: string, b: string) =>
  a.replace(/^\/var\/run\//, '/run/') === b.replace(/^\/var\/run\//, '/run/');

/** kubeadm counts a socket when it can connect to it. */
function accepts({ answers }: Socket): boolean {
  return answers !== null && answers.outcome !== 'refused';
}

function ofDirectory({ containerd }: Runtime) {
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

function several(sockets: readonly Socket[]) {
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

function missing(socket: Socket | null, containerd: Runtime['containerd']) {
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

function notAnswered(
  { path, runtime }: Socket,
  { outcome, detail, legacy }: Answers,
  containerd: Runtime['containerd'],
  node: Node,
) {
  const evidence = { socket: path, detail };
  const disabled = runtime === 'containerd' ? criDisabled(containerd) : [];
  switch (outcome) {
    case 'denied':
      return {
        subject: path,
        reason: 'socket-denied' as const,
        message: `${path} may be opened by root alone, so the runtime was not asked. Run as root.`,
        evidence,
      };
    case 'timed-out':
      return {
        subject: path,
        reason: 'undecided' as const,
        message: `The runtime at ${path} gave no answer in time: it hangs, or the machine is too loaded to tell.`,
        evidence,
      };
    case 'unimplemented':
      if (legacy && isFrom(node.kubernetesVersion, CRI_V1_ONLY)) {
        return {
          subject: path,
          kubeadm: 'CRI',
          reason: 'too-old' as const,
          message: `The runtime at ${path} serves CRI v1alpha2 alone; the kubelet of ${node.kubernetesVersion} speaks v1.`,
          expected: 'CRI v1',
          actual: 'CRI v1alpha2',
          evidence,
          remedy: {
            text: 'Install a newer runtime: containerd 1.6 and CRI-O 1.20 serve CRI v1, and Kubernetes 1.36 wants containerd 2.',
          },
        };
      }
      return criIsDisabled(path, disabled);
    case 'refused':
    case 'failed':
    case 'answered':
      break;
  }
  return {
    subject: path,
    kubeadm: 'CRI',
    reason: 'not-answering' as const,
    message:
      outcome === 'refused'
        ? `Nothing listens behind the socket ${path}: the runtime has ended and left it behind.`
        : `What listens at ${path} does not answer as a container runtime.`,
    expected: 'an answer to CRI Version',
    ...(detail === null ? {} : { actual: detail }),
    evidence,
    remedy: {
      text: 'Look at the log of the runtime, and start it again.',
      ...(runtime === 'containerd' ? { commands: ['journalctl -u containerd -n 50 --no-pager', RESTART] } : {}),
    },
  };
}

function criDisabled(containerd: Runtime['containerd']): string[] {
  return (containerd?.disabledPlugins ?? []).filter((plugin) => CONTAINERD_CRI_PLUGINS.includes(plugin));
}

function criIsDisabled(subject: string, disabled: readonly string[]) {
  const said = disabled.length > 0;
  return {
    subject,
    kubeadm: 'CRI',
    reason: 'cri-disabled' as const,
    message: said
      ? `containerd’s configuration disables its CRI plugin (disabled_plugins holds ${disabled.join(', ')}): the kubelet cannot use it.`
      : 'The runtime answers and does not serve CRI v1: its CRI plugin is disabled or failed to load.',
    expected: 'CRI v1 is served',
    actual: said
      ? `disabled_plugins = [${disabled.map((name) => JSON.stringify(name)).join(', ')}]`
      : 'unknown service runtime.v1.RuntimeService',
    evidence: { disabled },
    remedy: said
      ? {
          text: 'Take the CRI plugin out of disabled_plugins and restart containerd. The packages of Docker disable it; a new default configuration enables it.',
          commands: [
            'cp -p /etc/containerd/config.toml /etc/containerd/config.toml.old',
            'containerd config default > /etc/containerd/config.toml',
            "sed -i 's/SystemdCgroup = false/SystemdCgroup = true/' /etc/containerd/config.toml",
            RESTART,
          ],
        }
      : {
          text: 'Look at the log of the runtime: it says why the plugin was not loaded.',
          commands: ['journalctl -u containerd -n 100 --no-pager'],
        },
  };
}

function configBroken(files: readonly string[]) {
  return {
    subject: files.join(', '),
    kubeadm: 'CRI',
    reason: 'config-broken' as const,
    message: `${files.join(', ')} cannot be parsed: containerd does not start with it.`,
    expected: 'TOML',
    actual: 'no TOML',
    remedy: {
      text: 'Repair the file; containerd itself names the line.',
      commands: ['containerd config dump > /dev/null'],
    },
  };
}

function ready({ path }: Socket, { name, version, conditions }: Answers, node: Node, plan: Settings) {
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

function noRuntimeConfig({ path }: Socket, { name, version }: Answers) {
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
