import { test } from 'vitest';
import check from '../../../checks/kernel/conntrack.ts';
import { testCheck } from '../../../src/plugins/test-check.ts';
import { UNREAD, setBy, sysctls } from './readings.ts';

const MAX = 'net/netfilter/nf_conntrack_max';
const facts = (max: number, count = 0, running: string[] = []) => ({
  sysctls: sysctls({ [MAX]: String(max), 'net/netfilter/nf_conntrack_count': String(count) }),
  sysctlFiles: setBy(),
  processes: { value: { running: running.map((name, index) => ({ name, pid: 100 + index })) } },
});
const joined = { stage: 'joined' } as const;

testCheck(
  check,
  {
    judge: [
      {
        name: 'a disk',
        facts: { ...facts(0), sysctls: { values: {}, denied: [], shown: false as const } },
        expect: [{ reason: 'not-shown', status: 'skip' }],
      },
      {
        name: 'a fresh node that tracks nothing',
        facts: { ...facts(0), sysctls: sysctls({}) },
        expect: [{ reason: 'not-loaded', status: 'skip' }],
      },
      {
        name: 'a small one on a fresh node: kube-proxy will raise it',
        facts: facts(16_384),
        expect: [{ reason: 'roomy', status: 'pass' }],
      },
      {
        name: 'as kube-proxy left it',
        facts: facts(131_072, 500, ['kube-proxy']),
        node: joined,
        expect: [{ reason: 'roomy' }],
      },
      {
        name: 'kube-proxy runs and did not raise it',
        facts: facts(65_536, 500, ['kube-proxy']),
        node: joined,
        expect: [
          {
            reason: 'too-small',
            status: 'warn',
            expected: '131072 or more',
            remedy: {
              text: 'Enlarge the table. kube-proxy keeps a value that is larger than its own (conntrack.min and conntrack.maxPerCore of its configuration).',
              commands: [
                'echo nf_conntrack > /etc/modules-load.d/nf_conntrack.conf && modprobe nf_conntrack',
                "printf '%s\\n' '' 'net.netfilter.nf_conntrack_max = 131072' >> /etc/sysctl.d/90-kubernetes.conf && sysctl -p /etc/sysctl.d/90-kubernetes.conf",
              ],
            },
          },
        ],
      },
      {
        name: 'a small one without kube-proxy is nobody’s fault',
        facts: facts(65_536, 500),
        node: joined,
        expect: [{ reason: 'roomy' }],
      },
      {
        name: 'processes that were not read',
        facts: { ...facts(65_536, 500), processes: UNREAD },
        node: joined,
        expect: [{ reason: 'roomy' }],
      },
      {
        name: 'nearly full',
        facts: facts(262_144, 250_000, ['kube-proxy']),
        node: joined,
        expect: [{ reason: 'too-small', actual: '250000 of 262144' }],
      },
      {
        name: 'it does not show',
        facts: { ...facts(1), sysctls: sysctls({}, [MAX]) },
        expect: [{ reason: 'unread', status: 'unknown' }],
      },
    ],
  },
  test,
);
