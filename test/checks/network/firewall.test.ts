import { test } from 'vitest';
import check from '../../../checks/network/firewall.ts';
import type { Facts } from '../../../src/evidence/facts.ts';
import { testCheck } from '../../../src/plugins/test-check.ts';

type Chain = NonNullable<Facts['firewall']['chains']>[number];

const facts = (changes: Partial<Facts['firewall']>) => ({
  firewall: { managers: [], chains: [], unread: null, unreadWhy: null, ...changes },
});
const chain = (hook: Chain['hook'], changes: Partial<Chain> = {}): Chain => ({
  backend: 'nft',
  family: 'ip',
  table: 'filter',
  chain: hook.toUpperCase(),
  hook,
  policy: 'accept',
  jumps: [],
  refusing: [],
  refusesSome: false,
  refusesRest: false,
  ...changes,
});
const firewalld = { name: 'firewalld', by: 'firewalld.service' } as const;
const nftables = { name: 'nftables', by: 'nftables.service' } as const;
const denied = { chains: null, unread: 'only root may list rules', unreadWhy: 'denied' } as const;

testCheck(
  check,
  {
    judge: [
      {
        name: 'with peers: what the nodes need of each other is tried with it on',
        facts: facts({ managers: [firewalld], chains: [chain('input', { policy: 'drop' })] }),
        met: true,
        expect: [{ reason: 'active-tested', status: 'pass', subject: 'firewalld' }],
      },
      {
        name: 'with peers, rules of nobody known: what is forwarded is of pods, and they were not asked for',
        facts: facts({
          chains: [chain('input', { policy: 'drop' }), chain('forward', { refusing: ['FORWARD'], refusesSome: true })],
        }),
        met: true,
        expect: [
          { reason: 'active-tested', subject: 'input' },
          { reason: 'active-untested', subject: 'forward' },
        ],
      },
      {
        name: 'with peers and pods',
        facts: facts({ chains: [chain('forward', { refusing: ['FORWARD'], refusesSome: true })] }),
        met: true,
        plan: { pods: 'existing' },
        expect: [{ reason: 'active-tested', subject: 'forward' }],
      },
      {
        name: 'with peers, while reachability is not asked for',
        facts: facts({ chains: [chain('input', { policy: 'drop' })] }),
        met: true,
        plan: { only: ['network'] },
        expect: [{ reason: 'active-untested', subject: 'input' }],
      },
      {
        name: 'with peers, while the rules cannot be seen: those for pods may be among them',
        facts: facts({ managers: [firewalld], ...denied }),
        met: true,
        expect: [{ reason: 'active-untested', subject: 'firewalld' }],
      },
      {
        name: 'what is forwarded, in part',
        facts: facts({ chains: [chain('forward', { refusing: ['FORWARD'], refusesSome: true })] }),
        expect: [{ reason: 'active-untested', status: 'warn', subject: 'forward' }],
      },
      {
        name: 'what is forwarded, in a chain that is always called',
        facts: facts({ chains: [chain('forward', { jumps: ['sub'], refusing: ['sub'], refusesRest: true })] }),
        expect: [{ reason: 'forward-drop' }],
      },
      {
        name: 'an add-on that accepts its pods ahead of the rest that is refused',
        facts: facts({
          chains: [chain('forward', { jumps: ['FLANNEL-FWD'], refusing: ['FORWARD'], refusesRest: true })],
        }),
        expect: [{ reason: 'not-filtered' }],
      },
      {
        name: 'ahead of routing, at an interface and on the way out',
        facts: facts({
          chains: [
            chain('prerouting', { policy: 'drop' }),
            chain('ingress', { family: 'netdev', table: 'n', chain: 'c', refusing: ['c'] }),
            chain('output', { backend: 'legacy', refusing: ['OUTPUT'] }),
          ],
        }),
        expect: [
          {
            reason: 'active-untested',
            subject: 'input',
            evidence: {
              chains: ['ip filter PREROUTING', 'netdev n c'],
              ports: ['10250/tcp', '30000-32767/tcp', '30000-32767/udp'],
            },
          },
          { reason: 'active-untested', subject: 'output', evidence: { chains: ['ip filter OUTPUT'] } },
        ],
      },
      {
        name: 'chains of add-ons there',
        facts: facts({
          chains: [
            chain('prerouting', { table: 'raw', jumps: ['cali-PREROUTING'], refusing: ['cali-rpf-skip'] }),
            chain('output', { jumps: ['KUBE-FIREWALL'], refusing: ['KUBE-FIREWALL'] }),
          ],
        }),
        expect: [{ reason: 'not-filtered' }],
      },
      { name: 'no rules', facts: facts({}), expect: [{ reason: 'not-filtered', status: 'pass' }] },
      {
        name: 'kube-proxy, kubelet, Docker and a ban list',
        facts: facts({
          chains: [
            chain('input', { jumps: ['KUBE-FIREWALL', 'f2b-sshd'], refusing: ['KUBE-FIREWALL', 'f2b-sshd'] }),
            chain('forward', { policy: 'drop', jumps: ['DOCKER-USER', 'FLANNEL-FWD'], refusing: ['DOCKER'] }),
          ],
        }),
        expect: [{ reason: 'not-filtered' }],
      },
      {
        name: 'nftables.service with rules that drop nothing',
        facts: facts({ managers: [nftables], chains: [chain('input'), chain('forward')] }),
        expect: [{ reason: 'not-filtered' }],
      },
      {
        name: 'Docker alone on a fresh node',
        facts: facts({ chains: [chain('forward', { policy: 'drop', jumps: ['DOCKER-USER'] })] }),
        expect: [{ reason: 'forward-drop', status: 'warn', subject: 'forward' }],
      },
      {
        name: 'firewalld',
        facts: facts({
          managers: [firewalld],
          chains: [chain('forward', { chain: 'filter_FORWARD', refusesRest: true })],
        }),
        plan: { cni: 'flannel' },
        expect: [
          {
            reason: 'active-untested',
            status: 'warn',
            subject: 'firewalld',
            kubeadm: 'Firewalld',
            expected: 'open: 8472/udp 10250/tcp 30000-32767/tcp 30000-32767/udp',
          },
          { reason: 'forward-drop', kubeadm: undefined },
        ],
      },
      {
        name: 'somebody’s own rules',
        facts: facts({ chains: [chain('input', { refusing: ['INPUT'] })] }),
        expect: [{ reason: 'active-untested', subject: 'input', kubeadm: undefined }],
      },
      {
        name: 'ufw without root',
        facts: facts({ managers: [{ name: 'ufw', by: '/etc/ufw/ufw.conf' }], ...denied }),
        expect: [{ reason: 'active-untested', subject: 'ufw', kubeadm: undefined }],
      },
      {
        name: 'nftables.service without root',
        facts: facts({ managers: [nftables], ...denied }),
        expect: [{ reason: 'active-untested', subject: 'nftables' }],
      },
      { name: 'without root', facts: facts(denied), expect: [{ reason: 'rules-unread', status: 'unknown' }] },
      {
        name: 'a directory',
        facts: facts({ chains: null, unread: 'rules are only known to a running kernel', unreadWhy: 'unsupported' }),
        expect: [{ reason: 'not-observed', status: 'skip' }],
      },
    ],
  },
  test,
);
