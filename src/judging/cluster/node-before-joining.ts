import type { Draft } from '../../engine/check.ts';
import type { Facts } from '../../evidence/facts.ts';
import { shellQuote } from '../../values/shell.ts';

/** What a machine that is to join finds under its name. */
export const BEFORE_JOINING_REASONS = {
  'name-taken': 'fail',
  'name-left': 'warn',
  'name-free': 'pass',
} as const;

type Finding = Draft<typeof BEFORE_JOINING_REASONS>;
type Node = NonNullable<Facts['clusterNodes']>[number];

/** `kubeadm join` ends where a node of this name is Ready: https://github.com/kubernetes/kubeadm/issues/1711 */
export function beforeJoining(named: Node | null, name: string): Finding {
  const subject = 'name';
  if (named === null) return { subject, reason: 'name-free', message: `The cluster has no node ${name} yet.` };
  const remedy = {
    text: `If this machine was that node and was set up anew, delete it there; else give this machine another name: --node-name of kubeadm.`,
    commands: [`kubectl delete node ${shellQuote(named.name)}`],
  };
  if (named.ready === 'True')
    return {
      subject,
      reason: 'name-taken',
      message: `The cluster has a node ${name} already, and it is Ready.`,
      why: 'kubeadm join ends there: two machines of one name would overwrite each other.',
      expected: 'a name that no node has',
      actual: `${name} with the address ${named.internalIps.join(' and ') || 'that is not known'}`,
      remedy,
    };
  return {
    subject,
    reason: 'name-left',
    message: `The cluster has a node ${name} already, which is not Ready: this machine would take its place.`,
    why: 'Labels, taints and pods of the node that was are those of this machine then.',
    remedy,
  };
}
