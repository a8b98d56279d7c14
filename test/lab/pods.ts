import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import type { Host, Lab } from './lab.ts';

/**
 * Hosts as nodes of a cluster, by their number N: 10.77.0.N on eth0, and 10.78.0.N on eth1, over which runs are conducted whatever happens to eth0.
 * Pods of node N have addresses of 10.244.N.0/24 and fd44:N::/64, by Debian's reference plugins.
 */

const PLUGINS = '/usr/lib/cni';
/** Where plugins are unless a runtime is told otherwise. */
export const BIN_DIR = '/opt/cni/bin';
export const CONF_DIR = '/etc/cni/net.d';

/** As flannel has it: 50 bytes less than the link. */
const VXLAN_MTU = 1450;

export interface Networking {
  /** How packets of pods get to other nodes: by routes, or in flannel's VXLAN. */
  readonly mode?: 'hostgw' | 'vxlan';
  readonly families?: readonly (4 | 6)[];
  /** Of pods, in bytes, where it is not what fits. */
  readonly mtu?: number;
  /** Further plugins of the chain. */
  readonly chained?: readonly PluginOf[];
}

export type PluginOf = Readonly<{ type: string }> & Readonly<Record<string, unknown>>;

/** Nodes whose pods reach one another. */
export async function makeNodes(lab: Lab, count: number, networking: Networking = {}): Promise<Host[]> {
  const numbers = Array.from({ length: count }, (_, index) => index + 1);
  const nodes = await Promise.all(numbers.map((number) => makeNode(lab, number, networking)));
  for (const [index, node] of nodes.entries()) {
    if (networking.mode === 'vxlan') await tunnel(node, index + 1, numbers);
    else await routes(node, index + 1, numbers, networking.families ?? [4]);
  }
  return nodes;
}

function mtuOf({ mode, mtu }: Networking): number {
  return mtu ?? (mode === 'vxlan' ? VXLAN_MTU : 1500);
}

async function makeNode(lab: Lab, number: number, networking: Networking): Promise<Host> {
  const { families = [4], chained = [] } = networking;
  const addresses = { 4: `10.77.0.${number}/24`, 6: `fd77::${number}/64` };
  const node = await lab.host(`n${number}`, ...families.map((family) => addresses[family]));
  await node.plug('eth1', `10.78.0.${number}/24`);
  // Both interfaces are on one switch: each answers for its own address alone.
  await node.sh(`
    sysctl -qw net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2
    sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.eth0.rp_filter=0 net.ipv4.conf.eth1.rp_filter=0
    sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
    rm -rf ${CONF_DIR} /etc/containerd && mkdir -p ${CONF_DIR} ${BIN_DIR} && ln -s ${PLUGINS}/* ${BIN_DIR}/`);
  configure(node, [bridgeOf(number, families, mtuOf(networking)), ...chained]);
  return node;
}

/** The node's one network. */
export function configure(node: Host, plugins: readonly PluginOf[], version = '1.0.0'): void {
  node.write(`${CONF_DIR}/10-pods.conflist`, JSON.stringify({ cniVersion: version, name: 'pods', plugins }, null, 2));
}

export function bridgeOf(number: number, families: readonly (4 | 6)[] = [4], mtu = 1500): PluginOf {
  const subnets = families.map((family) => [
    { subnet: family === 4 ? `10.244.${number}.0/24` : `fd44:${number}::/64` },
  ]);
  return { type: 'bridge', bridge: 'cni0', mtu, isDefaultGateway: true, ipam: { type: 'host-local', ranges: subnets } };
}

async function routes(node: Host, own: number, numbers: readonly number[], families: readonly (4 | 6)[]) {
  for (const other of numbers.filter((number) => number !== own)) {
    if (families.includes(4)) await node.sh(`ip route add 10.244.${other}.0/24 via 10.77.0.${other}`);
    if (families.includes(6)) await node.sh(`ip route add fd44:${other}::/64 via fd77::${other}`);
  }
}

/** A device as flannel makes it, with the neighbours that flannel would tell it. */
async function tunnel(node: Host, own: number, numbers: readonly number[]): Promise<void> {
  await vxlan(node, own, `dev eth0 id 1`, VXLAN_MTU);
  for (const other of numbers.filter((number) => number !== own)) await tunnelTo(node, other);
}

const vtep = (number: number) => `0e:77:00:00:00:0${number}`;

async function vxlan(node: Host, own: number, options: string, mtu: number): Promise<void> {
  await node.sh(`
    ip link add flannel.1 address ${vtep(own)} type vxlan ${options} dstport 8472 local 10.77.0.${own} nolearning
    ethtool -K flannel.1 tso off gso off gro off tx off >/dev/null
    ip address add 10.244.${own}.0/32 dev flannel.1
    ip link set dev flannel.1 mtu ${mtu} up`);
}

async function tunnelTo(node: Host, other: number): Promise<void> {
  await node.sh(`
    ip route add 10.244.${other}.0/24 via 10.244.${other}.0 dev flannel.1 onlink
    ip neighbour add 10.244.${other}.0 lladdr ${vtep(other)} dev flannel.1 nud permanent
    bridge fdb append ${vtep(other)} dev flannel.1 dst 10.77.0.${other}`);
}

/** The same device again with other options, to the same nodes. */
export async function retunnel(node: Host, own: number, others: readonly number[], options: string, mtu = VXLAN_MTU) {
  await node.sh('ip link delete dev flannel.1');
  await vxlan(node, own, options, mtu);
  for (const other of others) await tunnelTo(node, other);
}

/** Pods that a runtime made: namespaces where containerd has them, on the node's bridge, at .10 and the addresses that follow. */
export async function addPods(node: Pick<Host, 'sh'>, number: number, count: number, networking: Networking = {}) {
  const { families = [4] } = networking;
  const mtu = mtuOf(networking);
  const both = {
    4: (host: number) => `10.244.${number}.${host}/24`,
    6: (host: number) => `fd44:${number}::${host}/64`,
  };
  const addresses = (host: number, device: string) =>
    families.map((family) => `ip address add ${both[family](host)} dev ${device} ${family === 6 ? 'nodad' : ''}`);
  await node.sh(`
    ip link add cni0 address 0a:58:0a:f4:00:0${number} mtu ${mtu} up type bridge
    ${addresses(1, 'cni0').join('\n')}`);
  const names: string[] = [];
  for (let index = 0; index < count; index++) {
    const name = `cni-${randomUUID()}`;
    names.push(name);
    const inside = [
      'ip link set dev lo up',
      ...addresses(10 + index, 'eth0'),
      'ip link set dev eth0 up',
      'ethtool -K eth0 tso off gso off gro off tx off',
      ...families.map((family) => `ip route add default via ${both[family](1).replace(/\/.*/, '')}`),
    ];
    await node.sh(`
      ip netns add ${name}
      ip link add veth${index} mtu ${mtu} type veth peer name eth0 mtu ${mtu} netns ${name}
      ethtool -K veth${index} tso off gso off gro off tx off >/dev/null
      ip link set dev veth${index} master cni0 up
      ip netns exec ${name} sh -ec '${inside.join(' && ')}' >/dev/null`);
  }
  return names;
}

/** Each of these becomes a peer whose pods may take part. */
export async function listenWithPods(nodes: readonly Host[], how = 'throw-away'): Promise<void> {
  await Promise.all(nodes.map((node) => node.peer('--node-ip', nodeAddress(node), '--pods', how)));
}

export function nodeAddress({ name }: Host): string {
  return `10.77.0.${name.slice(1)}`;
}

/** Options of a run of the first of these nodes with all the others. */
export function peersOf([own, ...others]: readonly Host[]): string[] {
  const peers = others.flatMap(({ name }) => ['--peer', `10.78.0.${name.slice(1)}`]);
  return own === undefined ? peers : ['--node-ip', nodeAddress(own), ...peers];
}

/** Commands for the other end of a host's cable. */
export async function atSwitch(host: Host, device: string, command: (port: string) => string): Promise<void> {
  const index = (await host.sh(`cat /sys/class/net/${device}/iflink`)).trim();
  const ip = (...args: string[]) =>
    execFileSync('ip', ['-n', host.namespace.replace(/-[^-]*$/, '-switch'), ...args], { encoding: 'utf8' });
  const port = new RegExp(`^${index}: ([^@:]+)`, 'm').exec(ip('-o', 'link'))?.[1] ?? '';
  ip(...command(port).split(' '));
}
