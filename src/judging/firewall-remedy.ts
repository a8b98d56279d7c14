import type { Remedy } from '../engine/check.ts';
import type { Facts } from '../evidence/facts.ts';
import type { Reading } from '../evidence/reading.ts';
import { isHarmlessChain } from '../kubernetes/firewall-names.ts';
import { formatPortRange, type PortRange } from '../values/port-range.ts';
import { valueOf } from './reading.ts';

/** What filters packets on a machine: a manager, rules of nobody known, nothing; null where that could not be seen. */
export type PacketFilter = 'firewalld' | 'ufw' | 'rules' | 'nothing' | null;

export function packetFilter(reading: Reading<Facts['firewall']>): PacketFilter {
  const firewall = valueOf(reading);
  const managers = firewall?.managers.map(({ name }) => name) ?? [];
  if (managers.includes('firewalld')) return 'firewalld';
  if (managers.includes('ufw')) return 'ufw';
  if (firewall === null || firewall.chains === null) return null;
  const refuses = firewall.chains.some(
    ({ policy, refusing }) => policy === 'drop' || refusing.some((chain) => !isHarmlessChain(chain)),
  );
  if (refuses) return 'rules';
  return firewall.unread === null ? 'nothing' : null;
}

export interface Opening {
  readonly machine: string;
  readonly filter: PacketFilter;
  readonly protocol: 'tcp' | 'udp';
  readonly ports: PortRange;
}

/** How a machine lets packets to its own ports in: from everywhere, since each node has several that need it. */
export function openingRemedy({ machine, filter, protocol, ports }: Opening): Remedy {
  const range = formatPortRange(ports);
  const firewalld = `firewall-cmd --permanent --add-port=${range}/${protocol} && firewall-cmd --reload`;
  const ufw = `ufw allow ${range.replace('-', ':')}/${protocol}`;
  const port = `${protocol}/${range}`;
  if (filter === 'firewalld')
    return { text: `On ${machine}, where firewalld is active, let ${port} in.`, commands: [firewalld] };
  if (filter === 'ufw') return { text: `On ${machine}, where ufw is active, let ${port} in.`, commands: [ufw] };
  if (filter === 'nothing')
    return { text: `${machine} itself drops nothing: look between the two nodes, at a security group or a router.` };
  if (filter === 'rules') {
    return {
      text: `On ${machine} let ${port} in, in the file that loads its rules at boot (/etc/nftables.conf, /etc/iptables/rules.v4).`,
      commands: ['nft list ruleset'],
    };
  }
  return {
    text: `On ${machine} let ${port} in (firewalld: ${firewalld}; ufw: ${ufw}; otherwise in the file that loads its rules at boot), then look between the two nodes, at a security group or a router.`,
    commands: ['nft list ruleset'],
  };
}
