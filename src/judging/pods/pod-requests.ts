import type { Place, PodsHow } from '../../evidence/pods.ts';
import type { ProbeRequest } from '../../evidence/probes.ts';

/** A pod of a machine, and the packets between the two. */
export function podOf(machine: string, how: PodsHow): ProbeRequest[] {
  const [node, pod] = [{ machine, pod: null }, podAt(machine, 0)];
  return [{ kind: 'pods', machine, how, count: 1 }, wayOf(how, node, pod), wayOf(how, pod, node)];
}

/** Two pods of a machine, and the packets between them and between them and the machine. */
export function podsOf(machine: string, how: PodsHow): ProbeRequest[] {
  const [first, second] = [podAt(machine, 0), podAt(machine, 1)];
  const [, ...withNode] = podOf(machine, how);
  return [{ kind: 'pods', machine, how, count: 2 }, wayOf(how, first, second), wayOf(how, second, first), ...withNode];
}

/** A pod of each machine, and the packets between those of each pair. */
export function podsBetween(
  machines: readonly string[],
  pairs: readonly { readonly from: string; readonly to: string }[],
  how: PodsHow,
): ProbeRequest[] {
  return [
    ...machines.map((machine): ProbeRequest => ({ kind: 'pods', machine, how, count: 1 })),
    ...pairs.map(({ from, to }) => wayOf(how, podAt(from, 0), podAt(to, 0))),
  ];
}

function podAt(machine: string, pod: number): Place {
  return { machine, pod };
}

function wayOf(how: PodsHow, from: Place, to: Place): ProbeRequest {
  return { kind: 'pod-way', how, from, to };
}
