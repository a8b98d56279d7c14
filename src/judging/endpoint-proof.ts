import type { Node } from '../engine/node.ts';
import type { EndpointRequest, SenderSaw } from '../evidence/probes.ts';
import { isChosenByProgram } from '../kubernetes/node-address.ts';
import type { Settings } from '../plan/settings.ts';
import { canonicalIp } from '../values/ip.ts';

/** Who may answer behind the endpoint of a cluster that is not there yet. */
export type Behind = EndpointRequest['behind'];

/** The control planes to be that can hold the API server’s port before there is a cluster: none where a node has joined one already. */
export function holdersBehind(nodes: readonly Node[], plan: Settings): Behind {
  if (plan.join !== null || nodes.some(({ stage }) => stage !== 'fresh')) return [];
  return nodes
    .filter(({ roles }) => roles.includes('control-plane'))
    .flatMap(({ name, addresses }) =>
      addresses
        .filter((address) => !isChosenByProgram(address))
        .map((address) => ({ machine: name, address, port: plan.apiServerPort })),
    );
}

/** Why a connection that proved nothing says nothing against the endpoint either: a clause. */
export function whyUnproved(address: string, behind: Behind, sender: SenderSaw | null): string {
  if (sender === null) return 'the connection could not be tried.';
  const direct = behind.find((each) => canonicalIp(each.address) === canonicalIp(address));
  if (direct !== undefined)
    return `it is an address of ${direct.machine}, and ports/reachable says how its ports are reached.`;
  if (sender.outcome === 'refused') return 'it refuses, as a load balancer does that finds no server healthy yet.';
  if (sender.outcome === 'silence') return 'it is silent, as an address is that nobody has taken yet.';
  if (sender.outcome === 'error') return `it cannot be reached yet (${sender.errno ?? 'no code'}).`;
  return 'it takes connections and passes none on, as a load balancer does that finds no server healthy yet.';
}
