import type { HostLink } from '../host/host-links.ts';
import type { HostRoute, HostState } from '../host/host-state.ts';
import { shaperOf } from '../host/own-names.ts';
import type { Found, Ours } from './found.ts';

export function isBridge({ name, kind }: HostLink, bridges: readonly string[]): boolean {
  return kind === 'bridge' && bridges.includes(name);
}

/** An interface of our pods alone. */
export function isOwn({ name, kind }: HostLink, { interfaces, network, containerIds }: Ours): boolean {
  const shapers = containerIds.map((id) => shaperOf(network.name, id));
  return (
    kind !== 'bridge' &&
    (interfaces.includes(name) || shapers.includes(name) || containerIds.some((id) => name.includes(id)))
  );
}

export function linksFound(fresh: readonly HostLink[], ours: Ours): Found[] {
  return fresh
    .filter((link) => isOwn(link, ours))
    .map(({ name, kind }) => ({
      told: { what: 'interface', name, before: null, after: kind ?? 'there' },
      as: 'leaked',
      undo: { do: 'delete-link', name },
    }));
}

/** The bridge of the network; of one that was there before, its addresses and that it is up. */
export function bridgesFound(
  before: HostState,
  after: HostState,
  fresh: readonly HostLink[],
  ours: Ours,
  names: readonly string[],
): Found[] {
  const isOfResults = ({ name, kind }: HostLink) => kind === 'bridge' && ours.interfaces.includes(name);
  return after.links
    .filter((link) => isBridge(link, names) || isOfResults(link))
    .flatMap((link): Found[] => {
      const { name } = link;
      const was = before.links.find((each) => each.name === name);
      if (fresh.includes(link))
        return [
          {
            told: { what: 'interface', name, before: null, after: ['bridge', ...link.addresses].join(' ') },
            as: 'kept',
            undo: { do: 'delete-link', name },
          },
        ];
      const added = link.addresses.filter((address) => was?.addresses.includes(address) === false);
      const addresses = added.map((address): Found => ({
        told: { what: 'address', name: `${address} of ${name}`, before: null, after: 'there' },
        as: 'kept',
        undo: { do: 'delete-address', link: name, address },
      }));
      if (was === undefined || was.up || !link.up) return addresses;
      const up: Found = {
        told: { what: 'interface', name, before: 'down', after: 'up' },
        as: 'kept',
        undo: { do: 'set-down', name },
      };
      return [...addresses, up];
    });
}

/** Whoever is plugged into it needs it. */
export function isBridgeInUse({ undo }: Found, after: HostState, ours: Ours): boolean {
  const name =
    undo.do === 'delete-link' || undo.do === 'set-down' ? undo.name : undo.do === 'delete-address' ? undo.link : null;
  return name !== null && after.links.some((link) => link.master === name && !isOwn(link, ours));
}

/** To an address of our pods. Those through an interface that goes, go with it. */
export function routesFound(before: HostState, after: HostState, fresh: readonly HostLink[], ours: Ours): Found[] {
  const goes = fresh.map(({ name }) => name);
  const isToOurs = ({ destination }: HostRoute) => ours.addresses.includes(destination.replace(/\/(?:32|128)$/, ''));
  return after.routes
    .filter(
      (route) =>
        isToOurs(route) &&
        !goes.includes(route.interface) &&
        before.routes.every((was) => routeName(was) !== routeName(route)),
    )
    .map((route) => ({
      told: { what: 'route', name: routeName(route), before: null, after: 'there' },
      as: 'leaked',
      undo: { do: 'delete-route', route },
    }));
}

export function routeName({ destination, gateway, interface: name, metric }: HostRoute): string {
  return `${destination}${gateway === null ? '' : ` via ${gateway}`} dev ${name} metric ${metric}`;
}
