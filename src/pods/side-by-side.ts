/**
 * Side by side, as runtimes call plugins for pods that come or go at one time. Some plugins are in each other's way then: `firewall` of the reference plugins asks
 * whether its chain is there, and makes it. Of what failed, only what comes of it alone counts.
 */
export async function sideBySide<T, R>(
  items: readonly T[],
  work: (item: T) => Promise<R>,
  hasFailed: (result: R) => boolean,
  alone: (item: T, result: R) => Promise<R> = work,
): Promise<R[]> {
  const results = await Promise.all(items.map(async (item) => ({ item, result: await work(item) })));
  const counted: R[] = [];
  for (const { item, result } of results)
    counted.push(items.length > 1 && hasFailed(result) ? await alone(item, result) : result);
  return counted;
}
