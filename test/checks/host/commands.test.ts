import { test } from 'vitest';
import check from '../../../checks/host/commands.ts';
import { testCheck } from '../../../src/plugins/test-check.ts';
import { commands } from '../../../src/kubernetes/commands.ts';

const all = Object.fromEntries(commands.map(({ name }) => [name, `/usr/bin/${name}`]));
const facts = (paths: Record<string, string | null> | null) => ({ commands: { paths } });
const found = (subject: string) => ({ subject, reason: 'found', status: 'pass' }) as const;
const at = (kubernetesVersion: string) => ({ kubernetesVersion });

testCheck(
  check,
  {
    judge: [
      { name: '1.36', facts: facts(all), expect: ['mount', 'losetup', 'cp'].map(found) },
      {
        name: '1.32',
        node: at('1.32'),
        facts: facts(all),
        expect: ['mount', 'ip', 'iptables', 'nsenter', 'ethtool', 'tc', 'touch'].map(found),
      },
      {
        name: '1.30',
        node: at('1.30'),
        facts: facts(all),
        expect: ['mount', 'conntrack', 'crictl', 'ip', 'iptables', 'nsenter', 'ethtool', 'tc', 'touch'].map(found),
      },
      {
        name: 'missing ones',
        node: at('1.32'),
        facts: facts({ ...all, ip: null, tc: null }),
        expect: [
          found('mount'),
          {
            subject: 'ip',
            reason: 'missing',
            status: 'fail',
            kubeadm: 'FileExisting-ip',
            remedy: {
              text: "Install the package iproute2 (iproute on Red Hat's distributions).",
              commands: [
                'if command -v apt-get >/dev/null; then apt-get install -y iproute2; else dnf install -y iproute; fi',
              ],
            },
          },
          found('iptables'),
          found('nsenter'),
          found('ethtool'),
          { subject: 'tc', reason: 'missing-optional', status: 'warn' },
          found('touch'),
        ],
      },
      {
        name: 'a later version does not ask for them',
        facts: facts({ ...all, ip: null, conntrack: null, tc: null }),
        expect: ['mount', 'losetup', 'cp'].map(found),
      },
      { name: 'a directory without programs', facts: facts(null), expect: [{ reason: 'not-shown', status: 'skip' }] },
    ],
  },
  test,
);
