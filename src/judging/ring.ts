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
