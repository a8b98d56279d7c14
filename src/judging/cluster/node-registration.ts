import type { Draft } from '../../engine/check.ts';
import type { Facts } from '../../evidence/facts.ts';

/** Whether the API knows this machine, and is to know it on. */
export const REGISTRATION_REASONS = {
  'not-registered': 'fail',
  'not-shown': 'skip',
  deleting: 'warn',
} as const;

type Finding = Draft<typeof REGISTRATION_REASONS>;
type Node = NonNullable<Facts['clusterNodes']>[number];

export function notShown(name: string): Finding {
  return {
    subject: 'registration',
    reason: 'not-shown',
    message: `The cluster has no node ${name}, and this directory shows no addresses by which it could have another name.`,
  };
}

export function notRegistered(name: string): Finding {
  return {
    subject: 'registration',
    reason: 'not-registered',
    message: `This machine has joined a cluster, and the one that --kubeconfig leads to has no node ${name}, nor one with an address of this machine.`,
    why: 'No pods are run on a machine that the API does not know.',
    expected: `a node ${name}`,
    actual: 'none',
    remedy: {
      text: 'See that the kubeconfig is that of the cluster of this machine. If it is, the node was deleted: restarted, the kubelet registers anew.',
      commands: ['systemctl restart kubelet.service'],
    },
  };
}

export function deleting({ name }: Node): Finding {
  return {
    subject: 'registration',
    reason: 'deleting',
    message: `The node ${name} is being deleted from the cluster.`,
    remedy: {
      text: 'If that is not meant, the kubelet registers it anew once it is gone and the kubelet was restarted.',
    },
  };
}
