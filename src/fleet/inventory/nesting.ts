/** Groups by name, with those that directly contain each. */
export type Containers = ReadonlyMap<string, ReadonlySet<string>>;

/** The longest way from an outermost group, which has 1, to each. Those that contain themselves, and what is in them, have none. */
export function depthsOf(containers: Containers): ReadonlyMap<string, number> {
  const inner = new Map([...containers.keys()].map((name): [string, string[]] => [name, []]));
  for (const [name, outer] of containers) for (const each of outer) inner.get(each)?.push(name);
  const missing = new Map([...containers].map(([name, { size }]) => [name, size]));
  const deepest = new Map<string, number>();
  const depths = new Map<string, number>();
  const ready = [...containers.keys()].filter((name) => missing.get(name) === 0);
  // It grows while it is gone through: each comes once, after all that contain it.
  for (const name of ready) {
    const depth = (deepest.get(name) ?? 0) + 1;
    depths.set(name, depth);
    for (const each of inner.get(name) ?? []) {
      deepest.set(each, Math.max(depth, deepest.get(each) ?? 0));
      const left = (missing.get(each) ?? 0) - 1;
      missing.set(each, left);
      if (left === 0) ready.push(each);
    }
  }
  return depths;
}

/** A group that contains itself, and those by way of which it does, from the outside in; null where there is none. */
export function circleIn(containers: Containers): readonly [group: string, ...by: string[]] | null {
  const depths = depthsOf(containers);
  const left = [...containers.keys()].find((name) => !depths.has(name));
  const way = new Set<string>();
  let at = left;
  // Outwards there always is another one that has no depth.
  while (at !== undefined && !way.has(at)) {
    way.add(at);
    at = [...(containers.get(at) ?? [])].find((outer) => !depths.has(outer));
  }
  if (at === undefined) return null;
  const circle = [...way].slice([...way].indexOf(at) + 1);
  return [at, ...circle.toReversed()];
}

/** With all that contain them, whether directly or not. */
export function withContainers(groups: Iterable<string>, containers: Containers): ReadonlySet<string> {
  const all = new Set(groups);
  // It grows while it is gone through.
  for (const name of all) for (const outer of containers.get(name) ?? []) all.add(outer);
  return all;
}
