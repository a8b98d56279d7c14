import type { Remainder } from '../../evidence/pods.ts';
import { shellQuote } from '../../values/shell.ts';

/** How many are named in a sentence. */
const NAMED = 8;

/** `interface cni0, net.ipv4.ip_forward (0 → 1)`: a list that ends somewhere. */
export function remainderWords(remainders: readonly Remainder[]): string {
  const words = remainders.map(remainderName);
  const more = words.length - NAMED;
  return more > 0 ? `${words.slice(0, NAMED).join(', ')} and ${more} more` : words.join(', ');
}

function remainderName({ what, name, before, after }: Remainder): string {
  if (what === 'sysctl') return `${name} (${before ?? 'not there'} → ${after ?? 'not there'})`;
  if (before !== null) return `${what} ${name} (${before} → ${after ?? 'gone'})`;
  return `${what} ${name}`;
}

/** What takes away those that one command takes away. */
export function commandsToRemove(remainders: readonly Remainder[]): string[] {
  return remainders.flatMap(({ what, name, before }) => {
    const quoted = shellQuote(name);
    if (what === 'sysctl') return before === null ? [] : [`sysctl -w ${shellQuote(`${name}=${before}`)}`];
    if (before !== null) return [];
    if (what === 'interface') return [`ip link delete dev ${quoted}`];
    if (what === 'namespace') return [`ip netns delete ${quoted}`];
    if (what === 'reservation') return [`rm ${quoted}`];
    return [];
  });
}
