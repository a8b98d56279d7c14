import type { PortRange } from './port-range.ts';

/** Ports that are asked of pods, which no program of a pod is known to use. They are many, since several runs may be in one pod at the same time. */
const POD_PORTS: PortRange = { first: 23_000, last: 23_999 };

/** The one of them that a run asks for. @param run Its random id in hexadecimal digits. */
export function podPortOf(run: string): number {
  const { first, last } = POD_PORTS;
  return first + (Number.parseInt(run.slice(0, 8), 16) % (last - first + 1));
}

/** It is the one that a run asks for, alone. */
export function isPodPortOf(run: string, { first, last }: PortRange): boolean {
  return first === last && first === podPortOf(run);
}
