import { test } from 'vitest';
import check from '../../../checks/time/skew.ts';
import type { ClockResult, Probed, ProbeReading } from '../../../src/evidence/probes.ts';
import { testCheck } from '../../../src/plugins/test-check.ts';

const node = (name: string, self = false) => ({ node: { name, self }, facts: {} });
const two = [node('cp1', true), node('w1')];
const three = [...two, node('w2')];
const mesh = [node('cp1'), node('w1'), node('w2')];

function said(to: string, reading: ProbeReading<'clock'>): Probed {
  return { kind: 'clock', request: { kind: 'clock', to }, reading };
}
function read(to: string, offsetMs: number, uncertaintyMs = 0.4): Probed {
  const value: ClockResult = { offsetMs, uncertaintyMs, exchanges: 8 };
  return said(to, { value });
}

testCheck(
  check,
  {
    probes: [
      {
        name: 'this node and its peers',
        nodes: three,
        expect: [
          { kind: 'clock', to: 'w1' },
          { kind: 'clock', to: 'w2' },
        ],
      },
      {
        name: 'a mesh, from a machine that is no node',
        nodes: mesh,
        expect: [
          { kind: 'clock', to: 'cp1' },
          { kind: 'clock', to: 'w1' },
          { kind: 'clock', to: 'w2' },
        ],
      },
    ],
    compare: [
      { name: 'saved facts without packets', nodes: two, expect: [] },
      {
        name: 'two in step',
        nodes: two,
        probed: [read('w1', -3.2)],
        expect: [
          {
            reason: 'in-step',
            status: 'pass',
            nodes: ['cp1', 'w1'],
            message: 'The clocks of 2 nodes are at most 3.2 ms apart, each known to ± 0.4 ms.',
          },
        ],
      },
      {
        name: 'two apart: nobody is accused',
        nodes: two,
        probed: [read('w1', 2_000)],
        expect: [
          {
            reason: 'skewed',
            status: 'fail',
            nodes: ['cp1', 'w1'],
            subject: 'clocks',
            message:
              'The clock of w1 is 2.0 s (± 0.4 ms) ahead of that of cp1; which of the two is wrong cannot be told.',
          },
        ],
      },
      {
        name: 'the one of three that is wrong',
        nodes: three,
        probed: [read('w1', 2_000), read('w2', 1)],
        expect: [
          {
            reason: 'skewed',
            nodes: ['w1'],
            subject: 'clock',
            message: 'The clock of w1 is 2.0 s (± 0.8 ms) ahead; those of 2 nodes agree with each other.',
          },
          { reason: 'in-step', nodes: ['cp1', 'w2'] },
        ],
      },
      {
        name: 'this node is the wrong one',
        nodes: three,
        probed: [read('w1', 300_000), read('w2', 300_001)],
        expect: [
          { reason: 'skewed', nodes: ['cp1'], actual: '5.0 min (± 0.4 ms) behind, against w2' },
          { reason: 'in-step', nodes: ['w1', 'w2'] },
        ],
      },
      {
        name: 'a mesh: the clock of the machine that measures does not count',
        nodes: mesh,
        probed: [read('cp1', -7_200_000), read('w1', -7_200_010), read('w2', -7_200_020)],
        expect: [{ reason: 'in-step', nodes: ['cp1', 'w1', 'w2'] }],
      },
      {
        name: 'all three apart',
        nodes: three,
        probed: [read('w1', 5_000), read('w2', -5_000)],
        expect: [{ reason: 'skewed', nodes: ['cp1', 'w1', 'w2'], actual: '10.0 s (± 0.8 ms)' }],
      },
      {
        name: 'known too roughly',
        nodes: three,
        probed: [read('w1', 400, 900), read('w2', 1)],
        expect: [
          { reason: 'uncertain', status: 'unknown', nodes: ['w1'] },
          { reason: 'in-step', nodes: ['cp1', 'w2'] },
        ],
      },
      {
        name: 'peers that cannot be asked',
        nodes: three,
        probed: [
          said('w1', { unread: 'peer-unreachable', machine: 'w1', detail: 'its control port refuses.' }),
          said('w2', { unread: 'undecided', machine: 'w2', detail: 'it vanished.' }),
        ],
        expect: [
          {
            reason: 'peer-unreachable',
            status: 'unknown',
            nodes: ['w1'],
            message: 'The clock of w1 was not measured: its control port refuses.',
          },
          { reason: 'undecided', status: 'unknown', nodes: ['w2'] },
        ],
      },
    ],
  },
  test,
);
