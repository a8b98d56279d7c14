import type { Node } from '../../engine/node.ts';
import type { EndpointRequest } from '../../evidence/probes.ts';
import { isChosenByProgram } from '../../kubernetes/node-address.ts';
import type { Settings } from '../../plan/settings.ts';

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
