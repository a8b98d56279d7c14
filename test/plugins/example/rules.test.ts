import { join } from 'node:path';
import { test } from 'vitest';
import { testRules } from 'seaworthy/plugin';

const queue = (value: string | null) => ({ sysctl: 'net.core.somaxconn', value });
const port = (...listeners: object[]) => ({ port: 'tcp/9100', listeners });
const key = (value: string | null) => ({ fileMode: '/etc/acme/agent.key', value });
const disks = (exitCode: number | null, message: string) => ({
  program: '/usr/local/lib/acme/check-disks --quick',
  exitCode,
  message,
});

await testRules(
  join(import.meta.dirname, 'rules.yaml'),
  {
    'accept-queue': [
      { name: 'just enough', observed: queue('4096'), expect: { reason: 'long-enough', status: 'pass' } },
      {
        name: 'the default of old kernels',
        observed: queue('128'),
        expect: {
          reason: 'too-short',
          status: 'fail',
          message: 'net.core.somaxconn is 128; the ingress needs at least 4096.',
        },
      },
      { name: 'no such parameter', observed: queue(null), expect: { reason: 'too-short', actual: 'absent' } },
      { name: 'no number', observed: queue('many'), expect: { reason: 'undecided', status: 'unknown' } },
    ],
    'metrics-port': [
      {
        name: 'its own',
        observed: port({ address: '::', names: ['node_exporter'] }),
        expect: { reason: 'as-expected' },
      },
      { name: 'nobody', observed: port(), expect: { reason: 'not-served', status: 'warn', actual: 'free' } },
      { name: 'who knows', observed: port({ address: '::', names: null }), expect: { reason: 'undecided' } },
    ],
    'agent-key': [
      { name: 'read-only', observed: key('0400'), expect: { reason: 'as-expected' } },
      {
        name: 'readable by the group',
        observed: key('0640'),
        expect: {
          reason: 'too-open',
          remedy: { text: 'Take it from the others.', commands: ['chmod 0600 /etc/acme/agent.key'] },
        },
      },
    ],
    'disk-health': [
      { name: 'well', observed: disks(0, 'all 4 disks are well'), expect: { message: 'all 4 disks are well' } },
      { name: 'failing', observed: disks(1, 'sdb: 12 sectors lost'), expect: { reason: 'disk-failing' } },
      { name: 'does not know', observed: disks(2, 'smartctl is busy'), expect: { reason: 'undecided' } },
    ],
  },
  test,
);
