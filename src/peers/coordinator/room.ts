import type { ProbeRequest } from '../../evidence/probes.ts';
import { machinesOf } from '../../values/probe-machines.ts';
import type { Members } from './members.ts';

/** Why a request cannot be met, whatever the network does: a machine has come to a limit of its own. */
export interface NoRoom {
  readonly machine: string;
  readonly detail: string;
}

/** Fewer connections than these that a kernel can still track are used up by one pair. */
const LEAST_TRACKED = 64;

/** What of the requests the machines have no room for, read before anything is sent: their tables of connections and of neighbours. */
export function noRoomFor(requests: readonly ProbeRequest[], members: Pick<Members, 'of'>): Map<ProbeRequest, NoRoom> {
  const refused = new Map<ProbeRequest, NoRoom>();
  const met = new Map<string, Set<string>>();
  for (const request of requests) {
    if (request.kind === 'clock') continue;
    const why = machinesOf(request)
      .map((machine) => whyNot(machine, request, members, met))
      .find((each) => each !== null);
    if (why !== undefined) refused.set(request, why);
  }
  return refused;
}

function whyNot(
  machine: string,
  request: ProbeRequest,
  members: Pick<Members, 'of'>,
  met: Map<string, Set<string>>,
): NoRoom | null {
  const limits = members.of(machine)?.welcome.limits;
  if (limits === undefined) return null;
  if (limits.tracked !== null && limits.tracked < LEAST_TRACKED)
    return {
      machine,
      detail: `the table of tracked connections of ${machine} is full (net.netfilter.nf_conntrack_max)`,
    };
  const others = met.get(machine) ?? new Set<string>();
  const wanted = new Set([...others, ...machinesOf(request).filter((other) => other !== machine)]);
  // One is there already: the one that the control channel leads to.
  const isFull = limits.neighbours !== null && wanted.size > Math.max(1, limits.neighbours);
  if (!isFull) met.set(machine, wanted);
  if (isFull)
    return {
      machine,
      detail: `the neighbour table of ${machine} has no room for more (net.ipv4.neigh.default.gc_thresh3)`,
    };
  return null;
}
