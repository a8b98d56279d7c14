import type { Facts } from '../../evidence/facts.ts';
import type { Forwarded } from '../../evidence/pods.ts';
import type { Family } from '../../values/ip.ts';
import { chainName, droppingForwarded, isOfFamily } from '../network/forward-filter.ts';

/** What keeps packets from being handed on; from outside these look alike. */
export type Obstacle = 'forwarding-off' | 'reverse-path-filter' | 'no-route' | 'forward-filter';

/** A machine by way of which packets between pods go, with what is known of it. */
export interface Hop {
  readonly machine: string;
  /** What it counted while the packets were lost; null where nobody looked. */
  readonly passed: Forwarded | null;
  /** Whether it forwards packets of the family; null where that is not known, or was changed for the run. */
  readonly forwards: boolean | null;
  /** Null where they were not read. */
  readonly chains: Facts['firewall']['chains'];
  /** Between two ports of one bridge the chains for what is forwarded count only where the kernel sends bridged packets through them; null elsewhere. */
  readonly bridged: 'filtered' | 'not-filtered' | null;
}

/** Where packets stopped, and why. */
export interface Stopped {
  readonly machine: string;
  readonly obstacle: Obstacle;
  /** `counters`: they moved with the packets; `settings`: it would explain it, and nothing that was counted speaks against it. */
  readonly proof: 'counters' | 'settings';
  /** A sentence. */
  readonly says: string;
}

/** The first of the machines, in the order in which packets come by them, that shows why; null when none does. */
export function whereStopped(hops: readonly Hop[], family: Family): Stopped | null {
  const [first] = [...hops.flatMap((hop) => byCounters(hop)), ...hops.flatMap((hop) => bySettings(hop, family))];
  return first ?? null;
}

/**
 * Each cause moves a counter of its own: https://docs.kernel.org/networking/snmp_counter.html. Rules move none: newer kernels count a packet as
 * forwarded before the rules see it, and what came in may have been for the machine itself.
 */
function byCounters({ machine, passed }: Hop): Stopped[] {
  if (passed === null) return [];
  const { addressErrors, reversePathFiltered, noRoutes } = passed;
  const stopped = (obstacle: Obstacle, says: string): Stopped[] => [{ machine, obstacle, proof: 'counters', says }];
  if ((addressErrors ?? 0) > 0)
    return stopped(
      'forwarding-off',
      `${machine} counted ${packets(addressErrors)} for others that it does not forward.`,
    );
  if ((reversePathFiltered ?? 0) > 0)
    return stopped(
      'reverse-path-filter',
      `The reverse path filter of ${machine} dropped ${packets(reversePathFiltered)}.`,
    );
  if ((noRoutes ?? 0) > 0) return stopped('no-route', `${machine} had no route for ${packets(noRoutes)}.`);
  return [];
}

function bySettings({ machine, passed, forwards, chains, bridged }: Hop, family: Family): Stopped[] {
  const stopped = (obstacle: Obstacle, says: string): Stopped[] => [{ machine, obstacle, proof: 'settings', says }];
  if (forwards === false && (passed?.addressErrors ?? null) === null && bridged === null)
    return stopped('forwarding-off', `IPv${family} forwarding is off on ${machine}.`);
  const dropping = droppingForwarded(chains ?? []).filter((chain) => isOfFamily(chain, family));
  const [chain] = dropping;
  if (chain === undefined || bridged === 'not-filtered') return [];
  const why = bridged === 'filtered' ? ', and the kernel of that node sends bridged packets through it too' : '';
  return stopped(
    'forward-filter',
    `On ${machine} ${chainName(chain)} drops what is forwarded, unless a rule accepts it first${why}.`,
  );
}

function packets(count: number | null): string {
  return `${count ?? 0} ${count === 1 ? 'packet' : 'packets'}`;
}
