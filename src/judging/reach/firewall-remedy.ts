import type { Remedy } from '../../engine/check.ts';
import type { Facts } from '../../evidence/facts.ts';
import type { Reading } from '../../evidence/reading.ts';
import { isHarmlessChain } from '../../kubernetes/firewall-names.ts';
import type { Family } from '../../values/ip.ts';
import { formatPortRange, type PortRange } from '../../values/port-range.ts';
import { valueOf } from '../reading.ts';

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
  /** Of the address that is tried. */
  readonly family: Family;
  /** By the counters of the machine; null where they do not tell. */
  readonly cameIn: boolean | null;
}

const BETWEEN = 'between the two nodes, at a security group or a router';

/** How a machine lets packets to its own ports in: from everywhere, since each node has several that need it. */
export function openingRemedy({ machine, filter, protocol, ports, family, cameIn }: Opening): Remedy {
  const range = formatPortRange(ports);
  const firewalld = `firewall-cmd --permanent --add-port=${range}/${protocol} && firewall-cmd --reload`;
  const ufw = `ufw allow ${range.replace('-', ':')}/${protocol}`;
  const port = `${protocol}/${range}`;
  if (filter === 'nothing' && cameIn === true)
    return {
      text: `It came in at ${machine}, no rule there drops it, and it went no further: look at what the kernel itself dropped there, by its reverse path filter (rp_filter) above all.`,
      commands: ['nstat -asz TcpExtIPReversePathFilter IpInAddrErrors IpInDiscards'],
    };
  if (filter === 'nothing')
    return {
      text: `${cameIn === false ? `Nothing came in at ${machine}, which` : machine} itself drops nothing: look ${BETWEEN}. On ${machine} this shows, while the check runs again, whether anything comes in.`,
      commands: [`tcpdump -ni any ${protocol} ${ports.first === ports.last ? 'port' : 'portrange'} ${range}`],
    };
  const first = cameIn === false ? `Nothing came in at ${machine}: look first ${BETWEEN}. ` : '';
  if (filter === 'firewalld')
    return { text: `${first}On ${machine}, where firewalld is active, let ${port} in.`, commands: [firewalld] };
  if (filter === 'ufw') return { text: `${first}On ${machine}, where ufw is active, let ${port} in.`, commands: [ufw] };
  if (filter === 'rules') {
    return {
      text: `${first}On ${machine} let ${port} in, in the file that loads its rules at boot (/etc/nftables.conf, /etc/iptables/rules.v${family}).`,
      commands: ['nft list ruleset'],
    };
  }
  return {
    text: `${first}On ${machine} let ${port} in (firewalld: ${firewalld}; ufw: ${ufw}; otherwise in the file that loads its rules at boot)${cameIn === null ? `, then look ${BETWEEN}` : ''}.`,
    commands: ['nft list ruleset'],
  };
}
