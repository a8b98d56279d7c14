import * as z from 'zod';
import { SERVICE_ADDRESS_DEVICES } from '../../kubernetes/cluster-interfaces.ts';
import type { System } from '../../system/system.ts';
import { canonicalIp, formatIp, type Ip } from '../../values/ip.ts';

/** Ports of this node that a rule sends to a Service. */
export interface SentPorts {
  readonly protocol: 'tcp' | 'udp';
  readonly first: number;
  readonly last: number;
  readonly by: string;
}

const NAME_LIMIT = 200;

/** Chains of the table `nat` in which a destination port is a NodePort, whatever the rule calls: kube-proxy's, https://kubernetes.io/docs/reference/networking/virtual-ips/, and OVN-Kubernetes'. */
const NODE_PORT_CHAINS = ['KUBE-NODEPORTS', 'OVN-KUBE-NODEPORT'];
/** Where kube-proxy refuses, in the table `filter`, what is meant for a Service without endpoints. */
const REFUSING_CHAIN = 'KUBE-EXTERNAL-SERVICES';

/** What iptables-save(8) printed. Besides the chains of Kubernetes every rule of `nat` that rewrites a destination port: hostPorts and published ports of containers. */
export function savedNodePorts(text: string): SentPorts[] {
  let table = '';
  return text.split('\n').flatMap((line) => {
    table = /^\*(\S+)/.exec(line)?.[1] ?? table;
    const [, chain = '', rule = ''] = /^-A (\S+)(.*)$/.exec(line) ?? [];
    return takesNodePort(table, chain, rule)
      ? portsOfRule(rule).map((ports) => ({ ...ports, by: nameOf(rule, chain) }))
      : [];
  });
}

function takesNodePort(table: string, chain: string, rule: string): boolean {
  if (table === 'filter') return chain === REFUSING_CHAIN && rule.includes(' --dst-type LOCAL');
  if (table !== 'nat' || chain === 'OUTPUT') return false;
  return NODE_PORT_CHAINS.includes(chain) || / -j (?:DNAT|REDIRECT)(?: |$)/.test(rule);
}

/** `-p tcp … --dport 30080`, or `--dports 30080,30100:30110` of the match multiport. */
function portsOfRule(rule: string): Omit<SentPorts, 'by'>[] {
  const plain = rule.replaceAll(/ --comment (?:"(?:[^"\\]|\\.)*"|\S+)/g, '');
  const protocol = /(?<! !) -p (tcp|udp)(?: |$)/.exec(plain)?.[1];
  if (protocol !== 'tcp' && protocol !== 'udp') return [];
  const list = /(?<! !) --(?:dports?|destination-ports?) ([\d,:]+)/.exec(plain)?.[1] ?? '';
  return list.split(',').flatMap((range) => {
    const [, first = '', last = first] = /^(\d{1,5})(?::(\d{1,5}))?$/.exec(range) ?? [];
    return first === '' || Number(last) > 65_535 ? [] : [{ protocol, first: Number(first), last: Number(last) }];
  });
}

/** kube-proxy's comment is the Service's name and port: `default/web:http`. */
function nameOf(rule: string, chain: string): string {
  const [, quoted, word] = / --comment (?:"((?:[^"\\]|\\.)*)"|(\S+))/.exec(rule) ?? [];
  return (quoted ?? word ?? chain).slice(0, NAME_LIMIT);
}

/** Maps of kube-proxy in nftables mode: services, and those without endpoints. */
const MAPS = ['service-nodeports', 'no-endpoint-nodeports'];
const mapSchema = z.object({
  table: z.literal('kube-proxy'),
  name: z.enum(MAPS),
  elem: z.array(z.unknown()).default([]),
});
const keySchema = z.object({ concat: z.tuple([z.enum(['tcp', 'udp']), z.int().min(0).max(65_535)]) });
const elementSchema = z.tuple([
  z.union([keySchema, z.object({ elem: z.object({ val: keySchema }) })]),
  z.record(z.string(), z.unknown()),
]);
const targetSchema = z.object({ target: z.string() });

/** Which of these maps are among the items of `nft -j list maps`: newer versions list them without their elements. */
export function nodePortMaps(items: readonly Record<string, unknown>[]): string[] {
  return items.flatMap(({ map }) => mapSchema.safeParse(map).data?.name ?? []);
}

/** Items of `nft -j list map`. */
export function nftNodePorts(items: readonly Record<string, unknown>[]): SentPorts[] {
  return items.flatMap(({ map }) => {
    const { data } = mapSchema.safeParse(map);
    return (data?.elem ?? []).flatMap((element) => {
      const parsed = elementSchema.safeParse(element);
      if (!parsed.success) return [];
      const [key, verdict] = parsed.data;
      const [protocol, port] = ('elem' in key ? key.elem.val : key).concat;
      const target = targetSchema.safeParse(verdict['goto'] ?? verdict['jump']).data?.target;
      return [{ protocol, first: port, last: port, by: serviceOf(target) ?? data?.name ?? '' }];
    });
  });
}

/** kube-proxy names its chains after the Service: `external-ULMVA6XW-ns1/svc1/tcp/p80`. */
function serviceOf(target: string | undefined): string | null {
  const [, service] = /^external-[A-Z0-9]{8}-(.+)$/.exec(target ?? '') ?? [];
  return service?.slice(0, NAME_LIMIT) ?? null;
}

/** `TCP  0A4D0002:7530 rr`, `TCP  [FD00:…]:7530 rr`; lines of servers begin with an arrow. */
const VIRTUAL_SERVICE = /^(TCP|UDP) +(?:([0-9A-F]{8})|\[([0-9A-F:]+)\]):([0-9A-F]{4}) /gim;

/** Virtual services of IPVS on addresses of this node. */
export async function ipvsNodePorts(system: System): Promise<SentPorts[]> {
  const text = await system.readTextIfThere('/proc/net/ip_vs', 64 * 1024 * 1024);
  if (text === null) return [];
  const own = (await system.addresses()).filter(({ name }) => !SERVICE_ADDRESS_DEVICES.includes(name));
  const addresses = new Set(own.map(({ address }) => canonicalIp(address)));
  return parseIpvs(text)
    .filter(({ address }) => addresses.has(address))
    .map(({ address, protocol, port }) => ({ protocol, first: port, last: port, by: `IPVS on ${address}` }));
}

export function parseIpvs(text: string): { protocol: 'tcp' | 'udp'; address: string; port: number }[] {
  return [...text.matchAll(VIRTUAL_SERVICE)].map(([, protocol = '', v4, v6 = '', port = '']) => ({
    protocol: protocol.toUpperCase() === 'TCP' ? 'tcp' : 'udp',
    address: v4 === undefined ? canonicalIp(v6) : formatIp(ipv4Of(v4)),
    port: Number.parseInt(port, 16),
  }));
}

/** In network byte order, unlike /proc/net/tcp. */
function ipv4Of(hex: string): Ip {
  return { family: 4, bits: BigInt(`0x${hex}`) };
}
