import type { Node } from '../../engine/node.ts';
import { CRI_V1_ONLY } from '../../kubernetes/cri.ts';
import { isFrom } from '../../kubernetes/versions.ts';
import { criDisabled, criIsDisabled, RESTART_CONTAINERD } from './containerd-configuration.ts';
import type { RuntimeAnswers, RuntimeFact, RuntimeSocket } from './runtime-socket.ts';

/** A socket is there, and no runtime answered on it: why, as far as it can be told. */
export function notAnswered(
  { path, runtime }: RuntimeSocket,
  { outcome, detail, legacy }: RuntimeAnswers,
  containerd: RuntimeFact['containerd'],
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
      ...(runtime === 'containerd'
        ? { commands: ['journalctl -u containerd -n 50 --no-pager', RESTART_CONTAINERD] }
        : {}),
    },
  };
}
