import { defineCheck } from '../../src/judging/define-check.ts';
import { notShown } from '../../src/judging/not-shown.ts';
import { commandsToSet } from '../../src/judging/kernel/sysctl-settings.ts';

const LIMIT = 'net/ipv4/neigh/default/gc_thresh3';
const SUBJECT = 'net.ipv4.neigh.default.gc_thresh3';
const NEARLY_FULL = 0.8;

export default defineCheck({
  id: 'kernel/neighbour-table',
  title: 'the neighbour table is large enough',
  docs: 'https://docs.kernel.org/networking/ip-sysctl.html',
  kubeadm: [],
  stages: ['fresh', 'joined'],
  reasons: { roomy: 'pass', 'too-small': 'warn', 'not-shown': 'skip', unread: 'unknown' },
  needs: ['sysctls', 'neighbours'],
  wants: ['sysctlFiles'],
  judge({ sysctls: { values, denied, shown }, neighbours: { ipv4, overflows }, sysctlFiles }) {
    if (shown === false) return [notShown(SUBJECT)];
    if (denied.includes(LIMIT))
      return [{ subject: SUBJECT, reason: 'unread', message: `/proc/sys/${LIMIT} could not be read.` }];
    const limit = Number(values[LIMIT]);
    if (!(limit > 0)) {
      return [
        {
          subject: SUBJECT,
          reason: 'not-shown',
          message:
            'The kernel shows the limit only in the first network namespace of the machine; this one is another.',
        },
      ];
    }
    const evidence = { entries: ipv4, limit, overflows };
    if (ipv4 < limit * NEARLY_FULL) {
      return [
        {
          subject: SUBJECT,
          reason: 'roomy',
          message: `The neighbour table holds ${ipv4} of ${limit} entries.`,
          evidence,
        },
      ];
    }
    const wanted = { 1: 2 * limit, 2: 4 * limit, 3: 8 * limit };
    return [
      {
        subject: SUBJECT,
        reason: 'too-small',
        message: `The neighbour table is nearly full: ${ipv4} of ${limit} entries.`,
        why: 'When it is full the kernel cannot learn where further nodes and pods are, and packets to them are dropped at random.',
        expected: `less than ${NEARLY_FULL * 100} % in use`,
        actual: `${ipv4} of ${limit}`,
        evidence,
        remedy: {
          text: 'Enlarge the table: below the first threshold nothing is thrown away, above the third nothing is taken in.',
          commands: commandsToSet(
            {
              'net/ipv4/neigh/default/gc_thresh3': String(wanted[3]),
              'net/ipv4/neigh/default/gc_thresh2': String(wanted[2]),
              'net/ipv4/neigh/default/gc_thresh1': String(wanted[1]),
            },
            sysctlFiles,
          ),
        },
      },
    ];
  },
});
