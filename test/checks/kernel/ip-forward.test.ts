import { test } from 'vitest';
import check from '../../../checks/kernel/ip-forward.ts';
import { testCheck } from '../../../src/plugins/test-check.ts';
import { UNREAD, defaultRoutes, interfaceWith, kubeletConfigWith, setBy, sysctls } from './readings.ts';

const V4 = 'net/ipv4/ip_forward';
const V6 = 'net/ipv6/conf/all/forwarding';
const V6_DEFAULT = 'net/ipv6/conf/default/forwarding';
const KUBEADM_V6 = 'FileContent--proc-sys-net-ipv6-conf-default-forwarding';
const APPEND = '>> /etc/sysctl.d/90-kubernetes.conf && sysctl -p /etc/sysctl.d/90-kubernetes.conf';

const wanted = { sysctlFiles: setBy(), interfaces: UNREAD, routes: UNREAD, kubeletConfig: UNREAD };
const facts = (values: Record<string, string>, more: Partial<typeof wanted> | object = {}) => ({
  sysctls: sysctls(values),
  ...wanted,
  ...more,
});
const ipv6 = { podCidr: ['fd00:10:244::/56'] };

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
        name: 'a disk with a file that turns it off',
        facts: {
          ...facts({}, { sysctlFiles: setBy(`/etc/sysctl.d/99-cis.conf:4 ${V4}=0`) }),
          sysctls: { values: {}, denied: [], shown: false as const },
        },
        expect: [{ reason: 'reverts', message: '/etc/sysctl.d/99-cis.conf:4 turns IPv4 forwarding off at boot.' }],
      },
      {
        name: 'a file that turns the uplink off at boot',
        facts: facts(
          { [V4]: '1', 'net/ipv4/conf/eth0/forwarding': '1' },
          {
            routes: defaultRoutes(4, 'eth0'),
            sysctlFiles: setBy(
              `/etc/sysctl.d/90-kubernetes.conf:1 ${V4}=1`,
              '/etc/sysctl.d/95-x.conf:3 net/ipv4/conf/eth0/forwarding=0',
            ),
          },
        ),
        expect: [
          {
            subject: 'net.ipv4.ip_forward',
            reason: 'reverts',
            actual: 'net.ipv4.conf.eth0.forwarding = 0',
            remedy: {
              text: 'Let the files of this machine say what Kubernetes needs.',
              commands: [
                "sed -i '3s/^/# /' /etc/sysctl.d/95-x.conf",
                `printf '%s\\n' '' 'net.ipv4.ip_forward = 1' 'net.ipv4.conf.eth0.forwarding = 1' ${APPEND}`,
              ],
            },
          },
        ],
      },
      {
        name: 'a file that turns off what pods get',
        facts: facts(
          { [V4]: '1' },
          {
            sysctlFiles: setBy(
              `/etc/sysctl.d/1.conf:1 ${V4}=1`,
              '/etc/sysctl.d/2.conf:1 net/ipv4/conf/default/forwarding=0',
            ),
          },
        ),
        expect: [{ reason: 'reverts', actual: 'net.ipv4.conf.default.forwarding = 0' }],
      },
      {
        name: 'a later write of the switch for all resets the interface',
        facts: facts(
          { [V4]: '1', 'net/ipv4/conf/eth0/forwarding': '1' },
          {
            routes: defaultRoutes(4, 'eth0'),
            sysctlFiles: setBy(
              '/etc/sysctl.d/1.conf:3 net/ipv4/conf/eth0/forwarding=0',
              `/etc/sysctl.d/90-kubernetes.conf:1 net/ipv4/conf/all/forwarding=1`,
            ),
          },
        ),
        expect: [{ reason: 'enabled' }],
      },
      {
        name: 'the file that did it is named, though another one comes later',
        facts: facts(
          { [V4]: '1', 'net/ipv4/conf/eth0/forwarding': '0' },
          {
            routes: defaultRoutes(4, 'eth0'),
            sysctlFiles: setBy(
              '/etc/sysctl.d/50-x.conf:3 net/ipv4/conf/eth0/forwarding=0',
              `/etc/sysctl.d/90-kubernetes.conf:1 ${V4}=1`,
            ),
          },
        ),
        expect: [
          {
            reason: 'disabled',
            message:
              'IPv4 forwarding is off: net.ipv4.conf.eth0.forwarding is 0; /etc/sysctl.d/50-x.conf:3 sets it; /etc/sysctl.d/90-kubernetes.conf:1 says 1, but that is not in force.',
          },
        ],
      },
      {
        name: 'IPv6 switched off by a setting',
        facts: facts(
          { [V6]: '1', 'net/ipv6/conf/all/disable_ipv6': '1', 'net/ipv6/conf/eth0/disable_ipv6': '1' },
          { routes: defaultRoutes(4, 'eth0') },
        ),
        plan: ipv6,
        expect: [
          {
            subject: 'net.ipv6',
            reason: 'no-ipv6',
            status: 'fail',
            remedy: {
              text: 'Turn IPv6 on, and its forwarding, now and at each boot; then see that the uplink gets an address.',
              commands: [
                `printf '%s\\n' '' 'net.ipv6.conf.all.disable_ipv6 = 0' 'net.ipv6.conf.eth0.disable_ipv6 = 0' 'net.ipv6.conf.all.forwarding = 1' ${APPEND}`,
              ],
            },
          },
        ],
      },
      {
        name: 'IPv6 switched off on one interface of two',
        facts: facts(
          { [V6]: '1', [V6_DEFAULT]: '1', 'net/ipv6/conf/eth0/disable_ipv6': '1' },
          { routes: defaultRoutes(4, 'eth0'), interfaces: interfaceWith('fd00::1') },
        ),
        plan: ipv6,
        expect: [{ reason: 'enabled' }],
      },
      {
        name: 'on, and nobody says so in a file: a network add-on does that',
        facts: facts({ [V4]: '1' }),
        expect: [
          {
            subject: 'net.ipv4.ip_forward',
            reason: 'enabled',
            status: 'pass',
            message: 'IPv4 forwarding is on; no file sets it.',
          },
        ],
      },
      {
        name: 'off, by a file',
        facts: facts({ [V4]: '0' }, { sysctlFiles: setBy(`/etc/sysctl.d/50-hardening.conf:12 ${V4}=0`) }),
        expect: [
          {
            subject: 'net.ipv4.ip_forward',
            reason: 'disabled',
            status: 'fail',
            message: 'IPv4 forwarding is off: net.ipv4.ip_forward is 0; set by /etc/sysctl.d/50-hardening.conf:12.',
            kubeadm: 'FileContent--proc-sys-net-ipv4-ip_forward',
            remedy: {
              text: 'Turn forwarding on, now and at each boot.',
              commands: [`printf '%s\\n' '' 'net.ipv4.ip_forward = 1' ${APPEND}`],
            },
          },
        ],
      },
      {
        name: 'off, and ignored as kubeadm would',
        facts: facts({ [V4]: '0' }),
        plan: { ignorePreflightErrors: ['filecontent--proc-sys-net-ipv4-ip_forward'] },
        expect: [{ reason: 'disabled', status: 'warn', was: 'fail', because: 'ignore-preflight-errors' }],
      },
      {
        name: 'on, but off for what comes in by the uplink',
        facts: facts({ [V4]: '1', 'net/ipv4/conf/eth0/forwarding': '0' }, { routes: defaultRoutes(4, 'eth0') }),
        expect: [
          {
            subject: 'net.ipv4.conf.eth0.forwarding',
            reason: 'disabled',
            actual: '0',
            remedy: {
              text: 'Turn forwarding on, now and at each boot.',
              commands: [`printf '%s\\n' '' 'net.ipv4.conf.eth0.forwarding = 1' ${APPEND}`],
            },
          },
        ],
      },
      {
        name: 'on now, off at the next boot',
        facts: facts({ [V4]: '1' }, { sysctlFiles: setBy(`/etc/sysctl.d/99-cis.conf:4 ${V4}=0`) }),
        expect: [
          {
            reason: 'reverts',
            status: 'warn',
            message:
              'IPv4 forwarding is on now, but /etc/sysctl.d/99-cis.conf:4 turns it off: at the next boot, and whenever `sysctl --system` runs.',
            remedy: {
              text: 'Let the files of this machine say what Kubernetes needs.',
              commands: [
                "sed -i '4s/^/# /' /etc/sysctl.d/99-cis.conf",
                `printf '%s\\n' '' 'net.ipv4.ip_forward = 1' ${APPEND}`,
              ],
            },
          },
        ],
      },
      {
        name: 'on now, and a later file agrees',
        facts: facts(
          { [V4]: '1' },
          { sysctlFiles: setBy(`/etc/sysctl.d/50-cis.conf:4 ${V4}=0`, `/etc/sysctl.d/90-k8s.conf:1 ${V4}=1`) },
        ),
        expect: [{ reason: 'enabled', message: 'IPv4 forwarding is on; set by /etc/sysctl.d/90-k8s.conf:1.' }],
      },
      {
        name: 'a key that the kernel does not show',
        facts: { ...facts({}), sysctls: sysctls({}, [V4]) },
        expect: [{ subject: 'net.ipv4.ip_forward', reason: 'unread', status: 'unknown' }],
      },
      {
        name: 'a directory with a part of /proc/sys',
        facts: facts({}),
        expect: [{ reason: 'unread' }],
      },
      {
        name: 'an IPv6 cluster does not ask for IPv4',
        facts: facts({ [V4]: '0', [V6]: '1', [V6_DEFAULT]: '1' }),
        plan: ipv6,
        expect: [{ subject: 'net.ipv6.conf.all.forwarding', reason: 'enabled' }],
      },
      {
        name: 'a machine with IPv6 alone',
        facts: facts({ [V4]: '0', [V6]: '1', [V6_DEFAULT]: '1' }, { interfaces: interfaceWith('fd00::1') }),
        expect: [{ subject: 'net.ipv6.conf.all.forwarding', reason: 'enabled' }],
      },
      {
        name: 'dual stack',
        facts: facts({ [V4]: '1', [V6]: '0', [V6_DEFAULT]: '0' }),
        plan: { podCidr: ['10.244.0.0/16', 'fd00:10:244::/56'] },
        expect: [
          { subject: 'net.ipv4.ip_forward', reason: 'enabled' },
          { subject: 'net.ipv6.conf.all.forwarding', reason: 'disabled', kubeadm: KUBEADM_V6 },
        ],
      },
      {
        name: 'an uplink that listens to router advertisements goes on doing so',
        facts: facts({ [V6]: '0', 'net/ipv6/conf/eth0/accept_ra': '1' }, { routes: defaultRoutes(6, 'eth0') }),
        plan: ipv6,
        expect: [
          {
            reason: 'disabled',
            remedy: {
              text: 'Turn forwarding on, now and at each boot. accept_ra = 2 keeps the routes that this machine gets by router advertisements.',
              commands: [
                `printf '%s\\n' '' 'net.ipv6.conf.eth0.accept_ra = 2' 'net.ipv6.conf.all.forwarding = 1' ${APPEND}`,
              ],
            },
          },
        ],
      },
      {
        name: 'what kubeadm reads is off, though packets are forwarded',
        facts: facts({ [V6]: '1', [V6_DEFAULT]: '0' }),
        plan: ipv6,
        expect: [{ subject: 'net.ipv6.conf.default.forwarding', reason: 'disabled', kubeadm: KUBEADM_V6 }],
      },
      {
        name: 'on a node that has joined nobody reads that any more',
        facts: facts(
          { [V4]: '0', [V6]: '1', [V6_DEFAULT]: '0' },
          { kubeletConfig: kubeletConfigWith({ clusterDNS: ['fd00:96::a'] }) },
        ),
        node: { stage: 'joined' },
        expect: [{ subject: 'net.ipv6.conf.all.forwarding', reason: 'enabled' }],
      },
      {
        name: 'an IPv6 cluster, and a kernel without IPv6',
        facts: facts({ [V4]: '1' }),
        plan: ipv6,
        expect: [{ subject: 'net.ipv6', reason: 'no-ipv6', status: 'fail', kubeadm: KUBEADM_V6 }],
      },
    ],
  },
  test,
);
