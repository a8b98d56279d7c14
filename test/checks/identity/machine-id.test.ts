import { test } from 'vitest';
import check from '../../../checks/identity/machine-id.ts';
import { testCheck } from '../../../src/plugins/test-check.ts';

const facts = (machineId: string | null) => ({ machineId: { machineId } });
const A = '0123456789abcdef0123456789abcdef';
const B = 'fedcba9876543210fedcba9876543210';

testCheck(
  check,
  {
    judge: [
      { name: 'a real one', facts: facts(A), expect: [{ reason: 'valid', status: 'pass' }] },
      { name: 'no systemd', facts: facts(null), expect: [{ reason: 'none', status: 'skip' }] },
      {
        name: 'an empty file',
        facts: facts(''),
        expect: [{ reason: 'malformed', status: 'fail', actual: 'an empty file' }],
      },
      {
        name: 'before the first boot',
        facts: facts('uninitialized'),
        expect: [{ reason: 'malformed', actual: 'uninitialized' }],
      },
      { name: 'all zero', facts: facts('0'.repeat(32)), expect: [{ reason: 'malformed' }] },
      { name: 'upper case', facts: facts(A.toUpperCase()), expect: [{ reason: 'malformed' }] },
    ],
    compare: [
      {
        name: 'absent is never equal to absent',
        nodes: [{ facts: facts(null) }, { facts: facts(null) }],
        expect: [],
      },
      {
        name: 'two clones and another',
        nodes: [{ facts: facts(A) }, { facts: facts(B) }, { facts: facts(A) }],
        expect: [
          { reason: 'duplicate', status: 'fail', nodes: ['w1', 'w3'] },
          { reason: 'unique', status: 'pass', nodes: ['w2'] },
        ],
      },
    ],
  },
  test,
);
