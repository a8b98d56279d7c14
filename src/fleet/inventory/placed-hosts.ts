import { PlanError } from '../../plan/errors.ts';
import { isDnsName } from '../../values/endpoint.ts';
import { parseIp } from '../../values/ip.ts';
import { beginning } from './beginning.ts';
import type { Variable } from './groups.ts';
import { hostsOf } from './host-range.ts';

/** Hosts that a pattern of an inventory stands for, each with the variable that a port behind it sets. Throws a PlanError. */
export function placedHosts(pattern: string, place: string): (readonly [string, ReadonlyMap<string, Variable>])[] {
  const { host, port } = split(pattern);
  const set = new Map(port === null ? [] : [['ansible_port', { text: port, place }]]);
  const hosts = parseIp(host) === null ? hostsOf(host) : [host];
  const wrong = hosts?.find((name) => !isHost(name));
  if (hosts === null || wrong !== undefined) {
    const said = `${beginning(wrong ?? pattern)} is no host: a name, an address, or a range such as node[01:20]`;
    throw new PlanError('bad-document', place, said);
  }
  return hosts.map((name) => [name, set] as const);
}

/** `name:22`, `n[1:3]:22` and `[fd00::1]:22` have a port; the colons of a range or of an address are none. */
function split(pattern: string): { readonly host: string; readonly port: string | null } {
  const { head = pattern, port = null } = /^(?<head>.*[^:]):(?<port>\d+)$/.exec(pattern)?.groups ?? {};
  const isPort = parseIp(pattern) === null && head.lastIndexOf('[') <= head.lastIndexOf(']');
  const host = isPort ? head : pattern;
  const inner = /^\[(?<address>[^[\]]*)\]$/.exec(host)?.groups?.['address'] ?? '';
  return { host: parseIp(inner) === null ? host : inner, port: isPort ? port : null };
}

/** What Ansible takes for a name may have underscores too. */
function isHost(name: string): boolean {
  return parseIp(name) !== null || isDnsName(name.toLowerCase().replaceAll('_', '-'));
}
