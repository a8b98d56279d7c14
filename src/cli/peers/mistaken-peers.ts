import type { RemotePeer } from '../../peers/control/control-client.ts';
import type { Met } from '../../peers/coordinator/members.ts';
import type { PeerName } from '../../plan/settings.ts';
import { canonicalIp, isLoopback, parseIp } from '../../values/ip.ts';

/** A machine that the user named, as far as it was met. */
export interface Named {
  readonly name: PeerName;
  readonly peer: Pick<RemotePeer, 'remoteAddress' | 'machine'> | null;
  readonly welcome: Pick<Met['welcome'], 'instance' | 'addresses' | 'said'> | null;
}

/**
 * What of the machines is not as the user said, as one sentence, or null. Nothing is ever sent then: one machine under two names would be a
 * duplicate of itself.
 * @param own Addresses of this machine where it takes part itself, else null. @param called What the user named it by.
 */
export function mistakenPeer(
  meetings: readonly Named[],
  own: readonly string[] | null,
  called = ({ text }: PeerName) => `--peer ${text}`,
): string | null {
  for (const [index, { name, peer, welcome }] of meetings.entries()) {
    if (peer === null || welcome === null) continue;
    const said = welcome.said.role ?? [];
    if (name.roles.length > 0 && said.length > 0 && !name.roles.some((role) => said.includes(role)))
      return `${called(name)}: that machine listens as ${said.join(' and ')}, not as ${name.roles.join(' and ')}.`;
    if (own !== null && isOwn(peer.remoteAddress, own))
      return `${called(name)}: that is this machine, which takes part by itself; name the others only.`;
    const before = meetings.slice(0, index).find((each) => isOne(each, { peer, welcome }));
    if (before !== undefined)
      return `${called(before.name)} and ${called(name)} are one machine; name each machine once.`;
  }
  return null;
}

/** Over ssh each name has a process of its own: machine and addresses tell then, since a copy of a running machine is the same but for these. */
function isOne(a: Pick<Named, 'peer' | 'welcome'>, b: Pick<Named, 'peer' | 'welcome'>): boolean {
  const all = ({ welcome }: typeof a) => welcome?.addresses.toSorted().join();
  const isSame = a.peer !== null && a.peer.machine !== null && a.peer.machine === b.peer?.machine && all(a) === all(b);
  return isSame || (a.welcome !== null && a.welcome.instance === b.welcome?.instance);
}

function isOwn(address: string, own: readonly string[]): boolean {
  const ip = parseIp(address);
  return (ip !== null && isLoopback(ip)) || own.some((each) => canonicalIp(each) === canonicalIp(address));
}
