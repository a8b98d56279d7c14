import { test } from 'vitest';
import check from '../../../checks/kernel/neighbour-table.ts';
import { testCheck } from '../../../src/plugins/test-check.ts';
import { setBy, sysctls } from './readings.ts';

const LIMIT = 'net/ipv4/neigh/default/gc_thresh3';
const facts = (ipv4: number, overflows: number | null = 0, values: Record<string, string> = { [LIMIT]: '1024' }) => ({
  sysctls: sysctls(values),
  neighbours: { ipv4, overflows },
  sysctlFiles: setBy(),
});

testCheck(
  check,
  {
    judge: [
      {
        name: 'room enough; that it was full once decides nothing',
        facts: facts(40, 7),
        expect: [{ reason: 'roomy', status: 'pass', evidence: { entries: 40, limit: 1024, overflows: 7 } }],
      },
      {
        name: 'nearly full',
        facts: facts(900),
        expect: [
          {
            reason: 'too-small',
            status: 'warn',
            actual: '900 of 1024',
            remedy: {
              text: 'Enlarge the table: below the first threshold nothing is thrown away, above the third nothing is taken in.',
              commands: [
                "printf '%s\\n' '' 'net.ipv4.neigh.default.gc_thresh3 = 8192' 'net.ipv4.neigh.default.gc_thresh2 = 4096' 'net.ipv4.neigh.default.gc_thresh1 = 2048' >> /etc/sysctl.d/90-kubernetes.conf && sysctl -p /etc/sysctl.d/90-kubernetes.conf",
              ],
            },
          },
        ],
      },
      {
        name: 'another network namespace than the first',
        facts: facts(3, null, {}),
        expect: [{ reason: 'not-shown', status: 'skip' }],
      },
      {
        name: 'a limit that could not be read',
        facts: { ...facts(3), sysctls: sysctls({}, [LIMIT]) },
        expect: [{ reason: 'unread', status: 'unknown' }],
      },
    ],
  },
  test,
);
