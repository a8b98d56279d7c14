import type { NetworkList } from '../../kubernetes/cni/config-list.ts';
import { bridgesOf } from '../../kubernetes/cni/traces.ts';
import type { System } from '../../system/system.ts';

/** The switches that plugins turn on, and what the kernel changes for each interface along with them: inet_forward_change and addrconf_fixup_forwarding. */
export const FORWARDING = [
  {
    key: 'net/ipv4/ip_forward',
    directory: 'net/ipv4/conf',
    along: (name: string) => (name === 'all' ? ['forwarding', 'accept_redirects'] : ['forwarding']),
  },
  { key: 'net/ipv6/conf/all/forwarding', directory: 'net/ipv6/conf', along: () => ['forwarding'] },
] as const;

/** What plugins set on a bridge: portmap for ports of this machine, bridge so that no router gives it an address. */
export function bridgeSwitches(bridge: string): { readonly key: string; readonly set: string }[] {
  return [
    { key: `net/ipv4/conf/${bridge}/route_localnet`, set: '1' },
    { key: `net/ipv6/conf/${bridge}/accept_ra`, set: '0' },
  ];
}

/** By key: those of an earlier look again, or all that plugins may change. Throws a SystemError. */
export async function readSysctls(
  system: System,
  network: NetworkList,
  earlier: Readonly<Record<string, string>> | null,
): Promise<Record<string, string>> {
  const values: Record<string, string> = {};
  const read = async (key: string) => {
    const text = await system.readTextIfThere(`/proc/sys/${key}`);
    if (text !== null) values[key] = text.trim();
  };
  for (const { key } of FORWARDING) await read(key);
  if (earlier !== null) {
    for (const key of Object.keys(earlier)) await read(key);
    return values;
  }
  for (const { key, directory, along } of FORWARDING) {
    if (values[key] !== '0') continue;
    for (const name of await system.listIfThere(`/proc/sys/${directory}`))
      for (const leaf of along(name)) await read(`${directory}/${name}/${leaf}`);
  }
  for (const { key } of bridgesOf(network).flatMap(bridgeSwitches)) await read(key);
  return values;
}
