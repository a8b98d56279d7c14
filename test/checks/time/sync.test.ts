import { test } from 'vitest';
import check from '../../../checks/time/sync.ts';
import type { Facts } from '../../../src/evidence/facts.ts';
import { testCheck } from '../../../src/plugins/test-check.ts';

type TimeSync = Facts['timeSync'];

const facts = (differs: Partial<TimeSync> = {}, running: readonly string[] | null = []) => ({
  timeSync: { asked: true, sharedClock: false, answers: [], otherProcesses: 'shown' as const, ...differs },
  processes:
    running === null
      ? { unread: 'error' as const, detail: '' }
      : { value: { running: running.map((name) => ({ name, pid: 7 })) } },
});
const answer = (daemon: TimeSync['answers'][number]['daemon'], synchronised: boolean) => ({
  daemon,
  synchronised,
  stratum: null,
});

testCheck(
  check,
  {
    judge: [
      {
        name: 'chronyd has a source',
        facts: facts({ answers: [answer('chronyd', true)] }),
        expect: [{ reason: 'synchronised', status: 'pass' }],
      },
      {
        name: 'one of two has',
        facts: facts({ answers: [answer('systemd-timesyncd', false), answer('chronyd', true)] }),
        expect: [{ reason: 'synchronised' }],
      },
      {
        name: 'chronyd has none',
        facts: facts({ answers: [answer('chronyd', false)] }, ['chronyd']),
        expect: [{ reason: 'unsynchronised', status: 'warn', actual: 'chronyd has no time source' }],
      },
      {
        name: 'no daemon',
        facts: facts({}, ['kubelet']),
        expect: [{ reason: 'unsynchronised', status: 'warn', actual: 'none' }],
      },
      {
        name: 'a daemon that would not tell',
        facts: facts({}, ['ptp4l']),
        expect: [{ reason: 'undetermined', status: 'unknown', evidence: { running: ['ptp4l'] } }],
      },
      {
        name: 'processes are hidden',
        facts: facts({ otherProcesses: 'hidden' }),
        expect: [{ reason: 'undetermined', status: 'unknown' }],
      },
      { name: 'processes were not read', facts: facts({}, null), expect: [{ reason: 'undetermined' }] },
      {
        name: 'a container',
        facts: facts({ sharedClock: true }),
        expect: [{ reason: 'shared-clock', status: 'skip' }],
      },
      { name: 'a directory', facts: facts({ asked: false }), expect: [{ reason: 'not-shown', status: 'skip' }] },
    ],
  },
  test,
);
