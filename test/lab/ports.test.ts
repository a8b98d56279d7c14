import { expect } from 'vitest';
import { labTest } from './lab.ts';

labTest('a stranger on the kubelet port is named', async ({ lab }) => {
  const host = await lab.host('w1', '10.77.0.1/24');
  await host.listen('nginx', 10250);
  const before = await host.state();
  const report = await host.check('--role', 'worker', '--only', 'ports/available');
  const finding = report.checks[0]?.findings.find(({ subject }) => subject === 'tcp/10250');
  expect(finding).toMatchObject({
    status: 'fail',
    reason: 'in-use',
    kubeadm: 'Port-10250',
    evidence: { process: 'nginx' },
  });
  expect(await host.state()).toBe(before);
});
