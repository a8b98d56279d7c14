import { expect } from 'vitest';
import { labTest } from './lab.ts';
import { cluster, laptop, peers } from './ssh.ts';

const QUICK = ['--only', 'ports/reachable'] as const;

labTest('two nodes that have seaworthy, and nothing listens there', async ({ lab }) => {
  const { key, known, nodes } = await cluster(lab, [{}, {}]);
  const own = await laptop(await lab.host('laptop', '10.77.0.100/24'), key, known);
  const before = await Promise.all(nodes.map((node) => node.state()));
  const args = ['mesh', '--ssh', ...QUICK, ...peers('control-plane@10.77.0.1', 'worker@10.77.0.2')];
  const { stdout, stderr, code } = await own.cli(...args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^n1 +10\.77\.0\.1 +\. +ok$/m);
  expect(stdout).toMatch(/^n2 +10\.77\.0\.2 +ok +\.$/m);
  expect(stdout).toContain('covers      all 2 pairs that the roles need');
  expect(await Promise.all(nodes.map((node) => node.state()))).toEqual(before);
});
