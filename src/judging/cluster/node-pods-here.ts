import type { Draft } from '../../engine/check.ts';
import type { Facts } from '../../evidence/facts.ts';
import type { Reading } from '../../evidence/reading.ts';
import { podNetworkElsewhere } from './pod-network-elsewhere.ts';

/** Whether pods have the addresses that the API gave their node. */
export const PODS_HERE_REASONS = {
  'pods-here': 'pass',
  'pods-elsewhere': 'warn',
} as const;

type Finding = Draft<typeof PODS_HERE_REASONS>;
type Node = NonNullable<Facts['clusterNodes']>[number];

export function podsHere(
  { name, podCidrs }: Node,
  interfaces: Facts['interfaces'],
  files: Reading<Facts['cniFiles']>,
): Finding[] {
  const subject = 'pod network';
  if (podCidrs.length === 0) return [];
  const told = podCidrs.join(' and ');
  const elsewhere = podNetworkElsewhere(podCidrs, interfaces, 'value' in files ? files.value : null);
  if (elsewhere === null) return [];
  if (elsewhere.length === 0)
    return [
      {
        subject,
        reason: 'pods-here',
        message: `Pods of this machine have addresses of ${told}, as the API says of node ${name}.`,
      },
    ];
  return elsewhere.map(({ where, network }) => ({
    subject,
    reason: 'pods-elsewhere',
    message: `Pods of this machine have addresses of ${network} (${where}), and the API says ${told} of node ${name}.`,
    why: 'Other nodes send packets for the network that the API says, and the pods here do not get them.',
    expected: told,
    actual: network,
    remedy: {
      text: 'The bridge or the configuration is left from before the node was given this network. Drain the node, remove the bridge or the file, and start the network add-on and the pods anew.',
    },
  }));
}
