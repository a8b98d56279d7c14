import type { Draft } from '../../engine/check.ts';
import type { Facts } from '../../evidence/facts.ts';
import type { Reading } from '../../evidence/reading.ts';
import { canonicalIp } from '../../values/ip.ts';

/** Whether a node is where the API reaches it. */
export const ADDRESS_HERE_REASONS = {
  'address-here': 'pass',
  'address-gone': 'warn',
  'address-elsewhere': 'fail',
  'name-taken': 'fail',
} as const;

type Finding = Draft<typeof ADDRESS_HERE_REASONS>;
type Node = NonNullable<Facts['clusterNodes']>[number];

/** The address by which the API server reaches the kubelet has to be one of this machine. */
export function addressHere(
  { name, internalIps, machineId }: Node,
  addresses: readonly string[],
  own: Reading<Facts['machineId']>,
): Finding | null {
  const subject = 'address';
  if (internalIps.length === 0) return null;
  const here = new Set(addresses.map(canonicalIp));
  const gone = internalIps.filter((address) => !here.has(canonicalIp(address)));
  const told = internalIps.join(' and ');
  if (gone.length === 0)
    return { subject, reason: 'address-here', message: `${told}, the address of node ${name}, is on this machine.` };
  const seen = {
    expected: `${told} on an interface`,
    actual: addresses.filter((each) => !each.startsWith('fe80:')).join(', '),
  };
  const ownId = 'value' in own ? own.value.machineId : null;
  if (gone.length === internalIps.length && machineId !== null && ownId !== null && machineId !== ownId)
    return {
      subject,
      reason: 'name-taken',
      message: `The node ${name} of the cluster is another machine, at ${told}: it has another machine-id than this one.`,
      why: 'Two kubelets that register one name overwrite each other, and pods are lost in between.',
      ...seen,
      remedy: {
        text: 'Give one of the two another name, and have it join anew under it: hostnamectl, then kubeadm reset and join.',
      },
    };
  const remedy = {
    text: 'Where the address of the machine was changed, the kubelet reports the new one after a restart; where --node-ip names the old one, mend that first, in /var/lib/kubelet/kubeadm-flags.env or /etc/default/kubelet.',
    commands: ['systemctl restart kubelet.service'],
  };
  if (gone.length < internalIps.length)
    return {
      subject,
      reason: 'address-gone',
      message: `${gone.join(' and ')} of node ${name} is no address of this machine; the other one is.`,
      ...seen,
      remedy,
    };
  return {
    subject,
    reason: 'address-elsewhere',
    message: `The API reaches node ${name} by ${told}, which is no address of this machine.`,
    why: 'Logs, exec and metrics of its pods fail, and other nodes send their packets for these pods elsewhere.',
    ...seen,
    remedy,
  };
}
