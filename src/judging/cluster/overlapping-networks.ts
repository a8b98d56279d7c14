import { contains, type Cidr } from '../../values/cidr.ts';

/** Something that has a network. */
export interface HasNetwork {
  readonly cidr: Cidr;
}

/** Pairs of networks that overlap, the wider one first: each with the first one that holds it. In n log n steps, since a cluster has thousands. */
export function overlapping<T extends HasNetwork>(all: readonly T[]): [T, T][] {
  const found: [T, T][] = [];
  const sorted = all.toSorted(
    ({ cidr: a }, { cidr: b }) =>
      a.family - b.family || (a.base < b.base ? -1 : a.base > b.base ? 1 : a.prefix - b.prefix),
  );
  // What ended before the base of one is apart from all that follow.
  let wide: T | null = null;
  for (const each of sorted) {
    const { family, base } = each.cidr;
    if (wide !== null && contains(wide.cidr, { family, bits: base })) found.push([wide, each]);
    else wide = each;
  }
  return found;
}
