import type { Facts } from '../../evidence/facts.ts';
import type { Reading } from '../../evidence/reading.ts';
import { isClusterInterface } from '../../kubernetes/cluster-interfaces.ts';
import { usableAddresses } from '../../kubernetes/node-address.ts';
import { dotted } from '../../kubernetes/sysctls.ts';
import { valueOf } from '../reading.ts';
import { commandsToSet, whoSet } from './sysctl-settings.ts';
import { uplinksOf } from './uplinks.ts';

const NO_IPV6 = 'Pods of this node get no IPv6 address, and none of their IPv6 packets leave it.';

/** The keys that keep IPv6 from the uplink, or from all interfaces; none where an interface has an IPv6 address. */
export function ipv6SwitchedOff(
  { values }: Facts['sysctls'],
  routes: Reading<Facts['routes']>,
  interfaces: Reading<Facts['interfaces']>,
): string[] {
  const isAddressed = (valueOf(interfaces)?.interfaces ?? []).some(
    (each) => each.up && !isClusterInterface(each.name) && usableAddresses(each, 6).length > 0,
  );
  if (isAddressed) return [];
  const keyOf = (name: string) => `net/ipv6/conf/${name}/disable_ipv6`;
  // Without IPv6 there is no route of it: the uplink is that of IPv4.
  const uplinks = [...new Set([...uplinksOf(routes, 6), ...uplinksOf(routes, 4)])].map(keyOf);
  const isOff = (key: string) => values[key] === '1';
  const off = uplinks.length > 0 ? uplinks.every(isOff) : isOff(keyOf('all'));
  return off ? [keyOf('all'), keyOf('default'), ...uplinks].filter(isOff) : [];
}

/** Switched off by such keys; `forwarding` is the key that is to be on as well. */
export function ipv6Disabled(
  kubeadm: string,
  forwarding: string,
  keys: readonly string[],
  files: Reading<Facts['sysctlFiles']>,
) {
  const [key = ''] = keys;
  return {
    subject: 'net.ipv6',
    reason: 'no-ipv6' as const,
    message: `The cluster uses IPv6, and it is switched off on this machine: ${dotted(key)} is 1; ${whoSet(files, key, '1')}.`,
    why: NO_IPV6,
    expected: '0',
    actual: '1',
    evidence: { keys },
    remedy: {
      text: 'Turn IPv6 on, and its forwarding, now and at each boot; then see that the uplink gets an address.',
      commands: commandsToSet(
        Object.fromEntries([...keys.map((each) => [each, '0'] as const), [forwarding, '1']]),
        files,
      ),
    },
    kubeadm,
  };
}

/** The kernel was booted without it. */
export function noIpv6(kubeadm: string) {
  return {
    subject: 'net.ipv6',
    reason: 'no-ipv6' as const,
    message: 'The cluster uses IPv6, and the kernel of this machine has it switched off.',
    why: NO_IPV6,
    expected: '/proc/sys/net/ipv6/conf/all/forwarding',
    actual: 'no such file',
    remedy: {
      text: 'Boot the kernel with IPv6: take ipv6.disable=1 from its command line (GRUB_CMDLINE_LINUX in /etc/default/grub), write the boot loader’s configuration anew, and reboot.',
    },
    kubeadm,
  };
}
