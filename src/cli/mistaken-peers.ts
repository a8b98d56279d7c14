import type { PeerName, Role } from '../plan/settings.ts';
import { canonicalIp, isLoopback, parseIp } from '../values/ip.ts';

/** A machine that the user named, as far as it was met. */
export interface Named {
  readonly name: PeerName;
  readonly peer: { readonly remoteAddress: string } | null;
  readonly welcome: { readonly instance: string; readonly said: { readonly role?: readonly Role[] } } | null;
}

/**
 * What of the machines is not as the user said, as one sentence, or null. Nothing is ever sent then: one machine under two names would be a
 * duplicate of itself.
 * @param own Addresses of this machine where it takes part itself, else null.
 */
export function mistakenPeer(meetings: readonly Named[], own: readonly string[] | null): string | null {
  for (const [index, { name, peer, welcome }] of meetings.entries()) {
    if (peer === null || welcome === null) continue;
    const said = welcome.said.role ?? [];
    if (name.role !== null && said.length > 0 && !said.includes(name.role))
      return `--peer ${name.text}: that machine listens as ${said.join(' and ')}, not as ${name.role}.`;
    if (own !== null && isOwn(peer.remoteAddress, own))
      return `--peer ${name.text}: that is this machine, which takes part by itself; name the others only.`;
    const before = meetings.slice(0, index).find((each) => each.welcome?.instance === welcome.instance);
    if (before !== undefined)
      return `--peer ${before.name.text} and --peer ${name.text} are one machine; name each machine once.`;
  }
  return null;
}

function isOwn(address: string, own: readonly string[]): boolean {
  const ip = parseIp(address);
  return (ip !== null && isLoopback(ip)) || own.some((each) => canonicalIp(each) === canonicalIp(address));
}
