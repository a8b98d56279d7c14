import type { Bind } from '../../kubernetes/ports.ts';
import { canonicalIp, isGlobalUnicast, isWildcard, formatIp, parseIp, unmapped } from '../../values/ip.ts';

/** Whether a listener keeps a component from its address; `unknown` when that address is not known. */
export type Collision = 'yes' | 'no' | 'unknown';

/** Where somebody listens. */
export interface Listener {
  readonly address: string;
  /** It is known to have given IPv4 up. */
  readonly ipv6Only?: boolean | undefined;
}

/**
 * A component that listens on every address collides with whatever listens on the port. `::` is taken for both families unless its owner is known to have
 * given IPv4 up: Go, C libraries and Node keep it unless told otherwise.
 */
export function collision(bind: readonly Bind[], listener: Listener, nodeAddresses: readonly string[]): Collision {
  const ip = parseIp(listener.address);
  if (ip === null || bind.includes('all')) return 'yes';
  const own = ownAddresses(bind, nodeAddresses);
  const unsaid = bind.includes('node') && nodeAddresses.length === 0;
  if (isWildcard(ip)) {
    const families = ip.family === 4 ? [4] : listener.ipv6Only === true ? [6] : [4, 6];
    if (own.some((text) => families.includes(text.includes(':') ? 6 : 4))) return 'yes';
    if (unsaid) return ip.family === 6 && families.length === 1 ? 'unknown' : 'yes';
    return 'no';
  }
  const address = unmapped(ip);
  if (own.includes(formatIp(address))) return 'yes';
  return unsaid && isGlobalUnicast(address) ? 'unknown' : 'no';
}

/** On nodes whose first address is IPv6 some components take ::1, others stay with 127.0.0.1. */
function ownAddresses(bind: readonly Bind[], nodeAddresses: readonly string[]): string[] {
  const loopback = nodeAddresses[0]?.includes(':') === true ? ['127.0.0.1', '::1'] : ['127.0.0.1'];
  return [
    ...(bind.includes('loopback') ? loopback : []),
    ...(bind.includes('node') ? nodeAddresses.map(canonicalIp) : []),
  ];
}
