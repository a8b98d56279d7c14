import { test } from 'vitest';
import check from '../../../checks/host/resources.ts';
import { testCheck } from '../../../src/plugins/test-check.ts';

const MIB = 1024 * 1024;
const facts = (cpus: number | null, mebibytes: number | null) => ({
  resources: { cpus, memory: mebibytes === null ? null : mebibytes * MIB },
});
const enough = { reason: 'enough', status: 'pass' } as const;
const controlPlane = { roles: ['control-plane'] } as const;
const any = { roles: ['any'] } as const;

testCheck(
  check,
  {
    judge: [
      { name: 'enough', facts: facts(2, 1700), expect: [enough, enough] },
      { name: 'a worker with one processor', facts: facts(1, 2000), expect: [enough, enough] },
      {
        name: 'a small control plane',
        node: controlPlane,
        facts: facts(1, 1699),
        expect: [
          { reason: 'too-few-cpus', status: 'fail', kubeadm: 'NumCPU', actual: '1' },
          { reason: 'too-little-memory', status: 'fail', kubeadm: 'Mem', actual: '1699 MiB' },
        ],
      },
      {
        name: 'a small machine of any role',
        node: any,
        facts: facts(1, 1000),
        expect: [
          { reason: 'too-few-cpus', status: 'warn', because: 'role-any' },
          { reason: 'too-little-memory', status: 'warn', because: 'role-any' },
        ],
      },
      { name: 'a small worker', facts: facts(1, 1000), expect: [enough, { reason: 'below-minimum', status: 'warn' }] },
      {
        name: 'a small control plane that serves already',
        node: { ...controlPlane, stage: 'joined' },
        facts: facts(1, 1000),
        expect: [
          { reason: 'below-minimum', status: 'warn' },
          { reason: 'below-minimum', status: 'warn' },
        ],
      },
      {
        name: 'a directory',
        facts: facts(null, null),
        expect: [
          { reason: 'not-shown', status: 'skip' },
          { reason: 'not-shown', status: 'skip' },
        ],
      },
    ],
  },
  test,
);
