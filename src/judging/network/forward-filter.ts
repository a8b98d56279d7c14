import type { Facts } from '../../evidence/facts.ts';
import { acceptsPods } from '../../kubernetes/firewall-names.ts';
import type { Family } from '../../values/ip.ts';

type Chain = NonNullable<Facts['firewall']['chains']>[number];

export function chainName({ family, table, chain }: Chain): string {
  return `${family} ${table} ${chain}`;
}

/** Chains that drop what no rule accepted before. An add-on accepts its pods ahead of the policy, in the tables of iptables that everybody shares. */
export function droppingForwarded(chains: readonly Chain[]): Chain[] {
  return chains.filter(
    ({ hook, policy, refusesRest, jumps }) =>
      hook === 'forward' && (policy === 'drop' || refusesRest) && !jumps.some(acceptsPods),
  );
}

/** Whether packets of this family come by the chain. */
export function isOfFamily({ family }: Chain, wanted: Family): boolean {
  return family === 'inet' || family === (wanted === 4 ? 'ip' : 'ip6');
}

/** What each of them does to the rest, in as many words as it takes. */
export function dropWords(chains: readonly Chain[]): string {
  return chains.map(({ policy }) => (policy === 'drop' ? 'policy drop' : 'a last rule that refuses')).join('; ');
}

/** The older iptables has rules of its own, which nft does not list. */
export function commandsToList(chains: readonly Chain[]): string[] {
  const listings = chains.map(({ backend, family, table }) =>
    backend === 'nft' ? 'nft list ruleset' : `${family === 'ip6' ? 'ip6tables' : 'iptables'}-save -t ${table}`,
  );
  return [...new Set(listings)];
}

/** A sentence. */
export const ACCEPT_PODS =
  'Accept the pod network in the chain, in the configuration of whatever loads it at boot (firewalld: add the pod network to the zone trusted; ufw: DEFAULT_FORWARD_POLICY="ACCEPT" in /etc/default/ufw; Docker: "ip-forward-no-drop": true in /etc/docker/daemon.json; nftables: /etc/nftables.conf).';
