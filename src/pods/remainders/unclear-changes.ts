import type { Remainder } from '../../evidence/pods.ts';
import type { HostRoute, HostState } from '../host/host-state.ts';
import type { Found, Ours } from './found.ts';
import { isOwn, routeName } from './remaining-links.ts';

/**
 * What came to a host meanwhile, and leads to our pods by no name: another program may have made it, or a plugin that did not say for whom. What goes
 * with an interface is told as that. Where pods of others came or went it is theirs, as are interfaces whose other ends are elsewhere.
 */
export function unclearChanges(
  before: HostState,
  after: HostState,
  ours: Ours,
  { rules, found, others }: { rules: readonly string[]; found: readonly Found[]; others: boolean },
): Remainder[] {
  const fresh = after.links.filter(({ name }) => before.links.every((link) => link.name !== name));
  const isFresh = (name: string) => fresh.some((link) => link.name === name);
  const links = fresh
    .filter((link) => link.elsewhere === null && !isOwn(link, ours))
    .map(({ name, kind }) => came('interface', name, kind ?? 'there'));
  const rest = [
    ...after.links.flatMap(({ name, addresses }) => {
      const was = before.links.find((link) => link.name === name);
      const added = was === undefined ? [] : addresses.filter((address) => !was.addresses.includes(address));
      return added.map((address) => came('address', `${address} of ${name}`));
    }),
    ...after.routes
      .filter((route) => isMade(route) && !isFresh(route.interface))
      .map(routeName)
      .filter((name) => before.routes.every((route) => routeName(route) !== name))
      .map((name) => came('route', name)),
    ...rules.map((name) => came('rule', name)),
  ];
  return [...links, ...(others ? [] : rest)].filter(({ what, name }) =>
    found.every(({ told }) => told.what !== what || told.name !== name),
  );
}

function came(what: Remainder['what'], name: string, after = 'there'): Remainder {
  return { what, name, before: null, after };
}

/** By nobody but the kernel: routes that routers told, and those of the link that every IPv6 interface has. */
function isMade({ advertised, destination }: HostRoute): boolean {
  return !advertised && !/^(?:fe80|ff00):/.test(destination);
}
