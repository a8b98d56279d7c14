import type { Place, PodsHow } from '../evidence/pods.ts';
import type { ProbeRequest } from '../evidence/probes.ts';

/** Two pods of a machine, and the packets between them and between them and the machine. */
export function podsOfOne(machine: string, how: PodsHow): ProbeRequest[] {
  const node: Place = { machine, pod: null };
  const [first, second] = [
    { machine, pod: 0 },
    { machine, pod: 1 },
  ] as const;
  const ways = [
    [first, second],
    [second, first],
    [node, first],
    [first, node],
  ] as const;
  return [
    { kind: 'pods', machine, how, count: 2 },
    ...ways.map(([from, to]): ProbeRequest => ({ kind: 'pod-way', how, from, to })),
  ];
}

/** A pod of each machine, and the packets between those of each pair. */
export function podsBetween(
  machines: readonly string[],
  pairs: readonly { readonly from: string; readonly to: string }[],
  how: PodsHow,
): ProbeRequest[] {
  return [
    ...machines.map((machine): ProbeRequest => ({ kind: 'pods', machine, how, count: 1 })),
    ...pairs.map(({ from, to }): ProbeRequest => ({
      kind: 'pod-way',
      how,
      from: { machine: from, pod: 0 },
      to: { machine: to, pod: 0 },
    })),
  ];
}
