import type { HostState } from '../host/host-state.ts';
import { bridgeSwitches, FORWARDING } from '../host/host-sysctls.ts';
import type { Found } from './found.ts';
import { routeName } from './remaining-links.ts';

/** What plugins switched on for all pods, and what went along with it. */
export function sysctlsFound(before: HostState, after: HostState, bridges: readonly string[]): Found[] {
  const ofBridges = bridges.flatMap(bridgeSwitches);
  const forwarding = FORWARDING.flatMap(({ key, directory }): Found[] => {
    if (before.sysctls[key] !== '0' || after.sysctls[key] !== '1') return [];
    const along = Object.entries(before.sysctls).filter(
      ([each]) => each !== key && each.startsWith(`${directory}/`) && ofBridges.every((of) => of.key !== each),
    );
    return [
      { ...changed(key, '0', '1'), undo: { do: 'write-sysctls', values: [[key, '0'], ...along] } },
      // A host that forwards forgets the default routes that routers told it: rt6_purge_dflt_routers.
      ...(directory === 'net/ipv6/conf' ? lostRoutes(before, after) : []),
    ];
  });
  const switched = ofBridges.flatMap(({ key, set }): Found[] => {
    const was = before.sysctls[key];
    if (was === undefined || was === set || after.sysctls[key] !== set) return [];
    return [{ ...changed(key, was, set), undo: { do: 'write-sysctls', values: [[key, was]] } }];
  });
  return [...forwarding, ...switched];
}

function changed(key: string, before: string, after: string): Pick<Found, 'told' | 'as'> {
  return { told: { what: 'sysctl', name: key.replaceAll('/', '.'), before, after }, as: 'kept' };
}

function lostRoutes(before: HostState, after: HostState): Found[] {
  const there = new Set(after.routes.map(routeName));
  return before.routes
    .filter((route) => route.advertised && route.destination === '::/0' && !there.has(routeName(route)))
    .map((route) => ({
      told: { what: 'route', name: routeName(route), before: 'there', after: null },
      as: 'kept',
      undo: { do: 'advertise-route', route },
    }));
}
