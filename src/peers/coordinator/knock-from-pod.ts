import type { EndpointRequest } from '../../evidence/probes.ts';

/** A connect from a pod to an endpoint. */
export type Knock = EndpointRequest & { readonly pod: number };

export function isKnock(request: { readonly kind: string }): request is Knock {
  return request.kind === 'endpoint' && 'pod' in request && request.pod !== undefined;
}
