/** Of more nodes than these not all pairs are tried for what no role needs: each node has so many neighbours then. */
const TRIED_IN_FULL = 50;
export const RING_NEIGHBOURS = 10;

/** A mesh that is too large for all of its pairs; where this node takes part it has only its own. */
export function isSampled(nodes: readonly { readonly self: boolean }[]): boolean {
  return nodes.length > TRIED_IN_FULL && nodes.every(({ self }) => !self);
}

/** The next few of `names` after `name` on a ring that depends on nothing but the names: all others when there are no more. */
export function neighbours(names: readonly string[], name: string, count: number): string[] {
  const ring = [...new Set(names)]
    .map((each) => ({ each, place: fnv1a(each) }))
    .sort((a, b) => a.place - b.place || (a.each < b.each ? -1 : 1))
    .map(({ each }) => each);
  const at = ring.indexOf(name);
  return [...ring.slice(at + 1), ...ring.slice(0, Math.max(at, 0))].slice(0, count);
}

/** FNV-1a, 32 bits: http://www.isthe.com/chongo/tech/comp/fnv/ */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}
