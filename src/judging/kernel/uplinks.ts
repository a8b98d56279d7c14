import type { Facts } from '../../evidence/facts.ts';
import type { Reading } from '../../evidence/reading.ts';
import { isDefaultRoute } from '../../kubernetes/node-address.ts';
import type { Family } from '../../values/ip.ts';
import { valueOf } from '../reading.ts';

/** Interfaces with a default route; none when the routes were not read. */
export function uplinksOf(routes: Reading<Facts['routes']>, family: Family): string[] {
  const defaults = (valueOf(routes)?.routes ?? []).filter((route) => route.family === family && isDefaultRoute(route));
  return [...new Set(defaults.map((route) => route.interface))];
}
