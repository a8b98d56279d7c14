import type { Facts } from '../../../src/evidence/facts.ts';
import type { Reading } from '../../../src/evidence/reading.ts';
import { kubeletConfig } from '../kubelet-config.ts';

/** Readings that the cases of several kernel checks share. */
export const UNREAD = { unread: 'missing', detail: 'no such file' } as const;

export function sysctls(values: Record<string, string>, denied: string[] = []): Facts['sysctls'] {
  return { values, denied };
}

/** Lines such as `/etc/sysctl.d/50-x.conf:12 net/ipv4/ip_forward=0`, all applied at boot. */
export function setBy(...lines: string[]): Reading<Facts['sysctlFiles']> {
  const assignments = lines.map((text) => {
    const [, file = '', line = '', key = '', value = ''] = /^(\S+):(\d+) ([^=]+)=(.*)$/.exec(text) ?? [];
    return { file, line: Number(line), key, value, atBoot: true };
  });
  return { value: { assignments, unreadable: [] } };
}

export function interfaceWith(...addresses: string[]): Reading<Facts['interfaces']> {
  return {
    value: {
      interfaces: [
        {
          name: 'eth0',
          index: 2,
          up: true,
          carrier: true,
          loopback: false,
          kind: 'physical',
          master: null,
          parent: null,
          mac: null,
          addressAssignType: null,
          mtu: 1500,
          virtualFunction: false,
          addresses: addresses.map((address) =>
            address.includes(':') ? { address, prefix: 64, family: 6 } : { address, prefix: 24, family: 4 },
          ),
        },
      ],
    },
  };
}

/** Default routes by these interfaces, the best first. */
export function defaultRoutes(family: 4 | 6, ...interfaces: string[]): Reading<Facts['routes']> {
  const destination = family === 4 ? '0.0.0.0/0' : '::/0';
  const gateway = family === 4 ? '10.0.0.254' : 'fe80::1';
  return {
    value: {
      routes: interfaces.map((name, index) => ({ family, destination, gateway, interface: name, metric: 100 + index })),
    },
  };
}

export function kubeletConfigWith(some: Partial<Facts['kubeletConfig']>): Reading<Facts['kubeletConfig']> {
  return { value: kubeletConfig(some) };
}

export function kubeletOf(version: string): Reading<Facts['kubelet']> {
  const kubelet = { path: '/usr/bin/kubelet', version, problem: null };
  return { value: { kubelet, kubeadm: null, unit: null, otherProcesses: 'shown' } };
}
