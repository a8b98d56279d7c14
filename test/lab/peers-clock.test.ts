import { expect } from 'vitest';
import { labTest, TOKEN_FILE, type Host, type Lab } from './lab.ts';

/** Its wall clock is two seconds ahead; timers go as before. */
const AHEAD = ['env', 'FAKETIME_DONT_FAKE_MONOTONIC=1', 'faketime', '-f', '+2s'] as const;

async function skew(own: Host, ...peers: readonly string[]) {
  const named = peers.flatMap((address) => ['--peer', address]);
  const report = await own.check('--only', 'time/skew', '--token-file', TOKEN_FILE, ...named);
  return report.checks.flatMap(({ findings }) => findings);
}

const nodes = (lab: Lab, count: number) =>
  Promise.all(Array.from({ length: count }, (_, index) => lab.host(`n${index + 1}`, `10.77.0.${index + 1}/24`)));

labTest('clocks that agree; one of three that is ahead; this machine itself', async ({ lab }) => {
  const [own, second, third] = await nodes(lab, 3);
  if (own === undefined || second === undefined || third === undefined) throw new Error('there are three');
  await second.peer();
  await third.peer('--listen', ':10778');
  await third.via(...AHEAD).peer();
  expect(await skew(own, '10.77.0.2', '10.77.0.3:10778')).toMatchObject([
    { nodes: ['n1', 'n2', 'n3'], reason: 'in-step', status: 'pass' },
  ]);
  const found = await skew(own, '10.77.0.2', '10.77.0.3');
  expect(found).toMatchObject([
    { nodes: ['n3'], reason: 'skewed', status: 'fail' },
    { nodes: ['n1', 'n2'], reason: 'in-step' },
  ]);
  expect(found[0]?.message).toMatch(/n3 is 2\.0 s .* ahead/);
  // Seen from the machine that is wrong the others are behind, and it is still the one.
  await own.peer();
  const wrong = await skew(third.via(...AHEAD), '10.77.0.1', '10.77.0.2');
  expect(wrong).toMatchObject([{ nodes: ['n3'], reason: 'skewed' }, { reason: 'in-step' }]);
});

labTest('of two nobody is accused', async ({ lab }) => {
  const [own, other] = await nodes(lab, 2);
  if (own === undefined || other === undefined) throw new Error('there are two');
  await other.via(...AHEAD).peer();
  const found = await skew(own, '10.77.0.2');
  expect(found).toMatchObject([{ subject: 'clocks', reason: 'skewed', nodes: ['n1', 'n2'] }]);
  expect(found[0]?.message).toContain('cannot be told');
});
