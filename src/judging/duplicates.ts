import type { Node } from '../engine/node.ts';

export interface Holders {
  readonly value: string;
  /** Names of the nodes that have it. */
  readonly nodes: readonly string[];
}

/** Who has which value, in the order of the nodes; a node without one (null) holds none. */
export function holders<T extends { readonly node: Node }>(
  nodes: readonly T[],
  valueOf: (node: T) => string | null,
): Holders[] {
  const found = new Map<string, string[]>();
  for (const each of nodes) {
    const value = valueOf(each);
    if (value === null) continue;
    found.set(value, [...(found.get(value) ?? []), each.node.name]);
  }
  return [...found].map(([value, names]) => ({ value, nodes: names }));
}
