import { test } from 'vitest';
import check from '../../../checks/identity/hostname.ts';
import { testCheck } from '../../../src/plugins/test-check.ts';

const facts = (hostname: string) => ({ hostname: { hostname } });

testCheck(
  check,
  {
    judge: [
      {
        name: 'a disk without a name',
        facts: { hostname: { hostname: '', shown: false } },
        expect: [{ reason: 'not-shown', status: 'skip' }],
      },
      { name: 'a short one', facts: facts('w1'), expect: [{ reason: 'valid', status: 'pass' }] },
      { name: 'a qualified one in upper case', facts: facts('W1.Example.ORG'), expect: [{ reason: 'valid' }] },
      {
        name: 'an underscore',
        facts: facts('worker_1'),
        expect: [{ reason: 'malformed', status: 'fail', actual: 'worker_1', kubeadm: 'Hostname' }],
      },
      {
        name: 'named otherwise',
        facts: facts('worker_1'),
        plan: { nodeName: 'worker-1' },
        expect: [{ reason: 'valid' }],
      },
      {
        name: 'nobody’s, which kubeadm takes',
        facts: facts('localhost.localdomain'),
        plan: { ignorePreflightErrors: ['Hostname'] },
        expect: [{ reason: 'malformed', status: 'fail', kubeadm: undefined }],
      },
      { name: 'empty', facts: facts(''), expect: [{ reason: 'malformed', actual: 'an empty name' }] },
      { name: 'a label of 64', facts: facts('a'.repeat(64)), expect: [{ reason: 'malformed' }] },
      { name: 'a hyphen at the end', facts: facts('w1-'), expect: [{ reason: 'malformed' }] },
    ],
    compare: [
      {
        name: 'two clones and another, of which kubeadm knows nothing',
        plan: { ignorePreflightErrors: ['Hostname'] },
        nodes: [
          { node: { name: 'w1 (a.json)' }, facts: facts('w1') },
          { node: { name: 'w2' }, facts: facts('w2') },
          { node: { name: 'w1 (c.json)' }, facts: facts('W1') },
        ],
        expect: [
          { reason: 'duplicate', status: 'fail', nodes: ['w1 (a.json)', 'w1 (c.json)'], subject: 'w1' },
          { reason: 'unique', status: 'pass', nodes: ['w2'] },
        ],
      },
    ],
  },
  test,
);
