import { test } from 'vitest';
import check from '../../../checks/kernel/reverse-path-filter.ts';
import { testCheck } from '../../../src/plugins/test-check.ts';
import { UNREAD, defaultRoutes, setBy, sysctls } from './readings.ts';

const filters = (values: Record<string, string>) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [`net/ipv4/conf/${name}/rp_filter`, value]));
const facts = (values: Record<string, string>, ...uplinks: string[]) => ({
  sysctls: sysctls(filters(values)),
  sysctlFiles: setBy('/usr/lib/sysctl.d/50-redhat.conf:3 net/ipv4/conf/*/rp_filter=1'),
  routes: defaultRoutes(4, ...uplinks),
});

testCheck(
  check,
  {
    judge: [
      {
        name: 'a disk',
        facts: { ...facts({}), sysctls: { values: {}, denied: [], shown: false as const } },
        expect: [{ reason: 'not-shown', status: 'skip' }],
      },
      {
        name: 'off, as the kernel has it',
        facts: facts({ all: '0', default: '0', eth0: '0' }, 'eth0'),
        expect: [{ reason: 'harmless', status: 'pass' }],
      },
      {
        name: 'loose, as systemd has it',
        facts: facts({ all: '0', default: '2', eth0: '2', eth1: '2' }, 'eth0', 'eth1'),
        expect: [{ reason: 'harmless' }],
      },
      {
        name: 'strict, as Red Hat has it, with one uplink',
        facts: facts({ all: '0', default: '1', eth0: '1' }, 'eth0'),
        expect: [
          {
            reason: 'harmless',
            message: 'Strict filtering by the reverse path harms nothing that is known of this node.',
          },
        ],
      },
      {
        name: 'strict on the second of two uplinks',
        facts: facts({ all: '0', eth0: '1', eth1: '1' }, 'eth0', 'eth1'),
        expect: [
          {
            subject: 'eth1',
            reason: 'strict',
            status: 'warn',
            message:
              'Reverse path filtering is strict on eth1, and the preferred default route leaves by eth0; set by /usr/lib/sysctl.d/50-redhat.conf:3.',
            remedy: {
              text: 'Set the filter of this interface to loose: 2 prevails over 1 for all interfaces.',
              commands: [
                "printf '%s\\n' '' 'net.ipv4.conf.eth1.rp_filter = 2' >> /etc/sysctl.d/90-kubernetes.conf && sysctl -p /etc/sysctl.d/90-kubernetes.conf",
              ],
            },
          },
        ],
      },
      {
        name: 'strict for all prevails over off for the interface',
        facts: facts({ all: '1', eth0: '0', eth1: '0' }, 'eth0', 'eth1'),
        expect: [{ subject: 'eth1', reason: 'strict', evidence: { interface: 'eth1', own: '0', all: '1' } }],
      },
      {
        name: 'loose for the interface prevails over strict for all',
        facts: facts({ all: '1', eth0: '2', eth1: '2' }, 'eth0', 'eth1'),
        expect: [{ reason: 'harmless' }],
      },
      {
        name: 'two routes by one interface are one uplink',
        facts: facts({ all: '1', eth0: '1' }, 'eth0', 'eth0'),
        expect: [{ reason: 'harmless' }],
      },
      {
        name: 'Cilium, whose own interfaces are strict',
        facts: facts({ all: '0', eth0: '1', cilium_host: '1', lxc1a2b: '1', lxc_health: '0' }, 'eth0'),
        node: { stage: 'joined' },
        plan: { cni: 'cilium-vxlan' },
        expect: [
          { subject: 'cilium-vxlan', reason: 'strict', evidence: { interfaces: ['cilium_host', 'lxc1a2b'], all: '0' } },
        ],
      },
      {
        name: 'a fresh Red Hat node for Cilium, which sees to it itself',
        facts: facts({ all: '0', default: '1', eth0: '1' }, 'eth0'),
        plan: { cni: 'cilium-native' },
        expect: [{ reason: 'harmless' }],
      },
      {
        name: 'an interface of another add-on that is called like one of Cilium’s',
        facts: facts({ all: '1', lxcbr0: '1' }),
        plan: { cni: 'calico-bgp' },
        expect: [{ reason: 'harmless' }],
      },
      {
        name: 'routes that were not read',
        facts: { ...facts({ all: '1', eth0: '1' }), routes: UNREAD },
        expect: [{ reason: 'harmless' }],
      },
      {
        name: 'it does not show',
        facts: { ...facts({}), sysctls: sysctls({}, ['net/ipv4/conf/all/rp_filter']) },
        expect: [{ reason: 'unread', status: 'unknown' }],
      },
    ],
  },
  test,
);
