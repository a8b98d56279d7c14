import { expect } from 'vitest';
import type { Finding } from '../../src/report/schema.ts';
import { TOKEN_FILE, type Host, type Lab } from './lab.ts';

/** Two control planes reach 6443, 2379, 2380 and 10250 of each other, and with flannel UDP 8472. */
export const QUICK = ['--role', 'control-plane', '--cni', 'flannel', '--only', 'ports/reachable'] as const;

export const QUICK_PORTS = ['tcp/6443', 'tcp/2379', 'tcp/2380', 'tcp/10250', 'udp/8472'] as const;

export async function pair(lab: Lab, ...also: readonly [own: string, peer: string][]): Promise<[Host, Host]> {
  const own = await lab.host('cp1', '10.77.0.1/24', ...also.map(([address]) => address));
  const peer = await lab.host('cp2', '10.77.0.2/24', ...also.map(([, address]) => address));
  await peer.peer();
  return [own, peer];
}

/** The same with the control channel over a network of its own, so that the network of the nodes may break altogether. */
export async function pairOverTwo(lab: Lab, ...listen: string[]): Promise<[Host, Host]> {
  const own = await lab.host('cp1', '10.77.0.1/24');
  const peer = await lab.host('cp2', '10.77.0.2/24');
  await own.plug('eth1', '10.79.0.1/24');
  await peer.plug('eth1', '10.79.0.2/24');
  // Otherwise eth1 would answer for the addresses of eth0.
  await peer.sh('sysctl -qw net.ipv4.conf.all.arp_ignore=1');
  await peer.peer(...(listen.length > 0 ? listen : ['--node-ip', '10.77.0.2']));
  return [own, peer];
}

/** The same with a router between them. */
export async function pairApart(lab: Lab): Promise<[own: Host, router: Host, peer: Host]> {
  const own = await lab.host('cp1', '10.77.0.1/24', 'fd77::1/64');
  const router = await lab.router('r1', '10.77.0.254/24', '10.78.0.254/24');
  const peer = await lab.hostBeyond('cp2', '10.78.0.2/24', 'fd78::2/64');
  await own.sh('ip route add default via 10.77.0.254');
  await peer.sh('ip route add default via 10.78.0.254');
  await peer.peer();
  return [own, router, peer];
}

/** Twenty ports each of TCP and UDP, both ways. */
export const NODE_PORTS = [
  '--role',
  'worker',
  '--only',
  'ports/node-ports-reachable',
  '--node-port-range',
  '30000-30019',
] as const;

/** ICMP errors of this host are not limited: what a limit does has tests of its own. */
export const unlimited = (host: Host) => host.sh('sysctl -qw net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0');

/** A table of filter chains: the rules of each hook, in their order. */
export async function rules(host: Host, hooks: Readonly<Record<string, readonly string[]>>): Promise<void> {
  const chains = Object.entries(hooks).map(([hook, lines]) =>
    [`chain ${hook} {`, `type filter hook ${hook} priority 0`, ...lines, '}'].join('\n'),
  );
  await host.sh(`nft 'table inet faults {\n${chains.join('\n')}\n}'`);
}

/** What a run finds; all of these hosts are afterwards as they were. */
export async function tried(hosts: readonly Host[], ...args: readonly string[]): Promise<Finding[]> {
  const [own] = hosts;
  if (own === undefined) return [];
  const before = await Promise.all(hosts.map((host) => host.state()));
  const { checks } = await own.check(...(args.includes('--peer') ? ['--token-file', TOKEN_FILE] : []), ...args);
  // A peer says at once that it lets go, and closes thousands of sockets after that.
  await expect.poll(() => Promise.all(hosts.map((host) => host.state())), { timeout: 10_000 }).toEqual(before);
  return checks.flatMap(({ findings }) => findings);
}

/** What is said of a port of the way from one host to another. */
export function way(findings: readonly Finding[], from: string, to: string, subject: string): Finding | undefined {
  return findings.find((each) => each.nodes.join(' ') === `${from} ${to}` && each.subject === subject);
}

/** Everything but what is open, in one line each: the reason, what the sender saw, what the receiver saw. */
export function faults(findings: readonly Finding[]): Record<string, string> {
  const wrong = findings.filter(({ reason }) => reason !== 'open');
  return Object.fromEntries(wrong.map((finding) => [placeOf(finding), seen(finding)]));
}

/** Reasons by way and port. */
export function reasons(findings: readonly Finding[]): Record<string, string> {
  return Object.fromEntries(findings.map((finding) => [placeOf(finding), finding.reason]));
}

function placeOf({ nodes, subject }: Finding): string {
  return `${nodes.join('→')} ${subject ?? ''}`;
}

/** `rejected: refused ECONNREFUSED, ours 0/0`: arrived and answered. */
function seen({ reason, probe }: Finding): string {
  if (probe === undefined) return reason;
  const { sender, receiver } = probe;
  const errno = sender.errno === null ? '' : ` ${sender.errno}`;
  return `${reason}: ${sender.outcome}${errno}, ${receiver.listener} ${receiver.arrived}/${receiver.answered}`;
}
