import { test } from 'vitest';
import check from '../../../checks/identity/product-uuid.ts';
import { testCheck } from '../../../src/plugins/test-check.ts';

const A = '4c4c4544-0044-4810-8031-b4c04f4d3132';
const B = 'ec2a1b3c-7d8e-4f90-a1b2-c3d4e5f60718';
const facts = (productUuid: string | null, present = true) => ({
  dmi: { present, productUuid, productName: 'VM', sysVendor: 'QEMU' },
});

testCheck(
  check,
  {
    judge: [
      {
        name: 'a disk',
        facts: { dmi: { present: false, productUuid: null, productName: null, sysVendor: null, shown: false } },
        expect: [{ reason: 'not-shown', status: 'skip' }],
      },
      { name: 'a real one', facts: facts(A), expect: [{ reason: 'valid', status: 'pass' }] },
      { name: 'upper case, as old kernels print it', facts: facts(A.toUpperCase()), expect: [{ reason: 'valid' }] },
      { name: 'no DMI', facts: facts(null, false), expect: [{ reason: 'no-uuid', status: 'skip' }] },
      { name: 'DMI without one', facts: facts(null), expect: [{ reason: 'no-uuid' }] },
      {
        name: 'a placeholder',
        facts: facts('03000200-0400-0500-0006-000700080009'),
        expect: [{ reason: 'malformed', status: 'warn' }],
      },
      { name: 'all ones', facts: facts('FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF'), expect: [{ reason: 'malformed' }] },
      { name: 'no UUID', facts: facts('To be filled'), expect: [{ reason: 'malformed', actual: 'To be filled' }] },
    ],
    compare: [
      {
        name: 'two copies, another, and two without',
        nodes: [
          { facts: facts(A) },
          { facts: facts(B) },
          { facts: facts(A.toUpperCase()) },
          { facts: facts(null) },
          { facts: facts(null) },
        ],
        expect: [
          { reason: 'duplicate', status: 'fail', nodes: ['w1', 'w3'] },
          { reason: 'unique', status: 'pass', nodes: ['w2'] },
        ],
      },
    ],
  },
  test,
);
