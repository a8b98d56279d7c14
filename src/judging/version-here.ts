import type { Facts } from '../evidence/facts.ts';
import type { Reading } from '../evidence/reading.ts';
import { valueOf } from './reading.ts';
import type { Node } from '../engine/node.ts';
import { minorOf, parseVersion } from '../values/version.ts';

/**
 * The minor version of Kubernetes that a node runs, or will. Before it joins, what was said counts, else what is installed, else the
 * default; of a joined node the kubelet itself knows best, and null means that nothing tells.
 */
export function versionHere(node: Node, wasSaid: boolean, programs: Reading<Facts['kubelet']>): string | null {
  const said = wasSaid ? node.kubernetesVersion : null;
  const found = valueOf(programs);
  const kubelet = minorFrom(found?.kubelet?.version);
  if (node.stage === 'joined') return kubelet ?? said;
  return said ?? kubelet ?? minorFrom(found?.kubeadm?.version) ?? node.kubernetesVersion;
}

function minorFrom(text: string | null | undefined): string | null {
  const version = parseVersion(text ?? '');
  return version === null ? null : minorOf(version);
}
