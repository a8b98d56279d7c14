import type { ComparedNode } from '../../engine/check.ts';
import type { Node } from '../../engine/node.ts';
import type { EndpointRequest } from '../../evidence/probes.ts';
import { isChosenByProgram } from '../../kubernetes/node-address.ts';
import type { Settings } from '../../plan/settings.ts';
import { canonicalIp } from '../../values/ip.ts';
import type { Endpoint } from '../../values/endpoint.ts';
import { valueOf } from '../reading.ts';

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

/** Those of them that have the endpoint's own address, as with keepalived: an API server listens on all addresses, and there too. */
export function holdersAt(
  { host: address, port }: Endpoint,
  behind: Behind,
  nodes: readonly ComparedNode<never, 'interfaces'>[],
): Behind {
  const isIt = (other: string) => canonicalIp(other) === canonicalIp(address);
  return nodes
    .filter(({ facts }) =>
      valueOf(facts.interfaces)?.interfaces.some((each) => each.addresses.some((own) => isIt(own.address))),
    )
    .filter(({ node }) => behind.some((each) => each.machine === node.name && each.port === port))
    .filter(({ node }) => !behind.some((each) => each.machine === node.name && isIt(each.address)))
    .map(({ node }) => ({ machine: node.name, address, port }));
}
