import { expect } from 'vitest';
import { labTest } from './lab.ts';
import { faults, pair, QUICK, tried, way } from './reach.ts';

const PEER = ['--peer', 'control-plane@10.77.0.2'] as const;

labTest('a healthy pair: both ways, and nothing is left of it', async ({ lab }) => {
  const own = await lab.host('cp1', '10.77.0.1/24');
  const peer = await lab.host('cp2', '10.77.0.2/24');
  const before = await peer.state();
  const listening = await peer.peer();
  const found = await tried([own, peer], ...QUICK, ...PEER);
  expect(faults(found)).toEqual({});
  expect(found).toHaveLength(10);
  expect(way(found, 'cp1', 'cp2', 'tcp/6443')).toMatchObject({
    status: 'pass',
    probe: {
      from: { node: 'cp1', address: '10.77.0.1', pod: null },
      to: { node: 'cp2', address: '10.77.0.2', protocol: 'tcp', port: '6443' },
      purpose: 'kubelet → kube-apiserver',
      attempts: 1,
      proof: 'nonce',
      sender: { outcome: 'answered', errno: null },
      receiver: { listener: 'ours', arrived: 1, answered: 1, source: '10.77.0.1' },
    },
  });
  expect(way(found, 'cp2', 'cp1', 'udp/8472')).toMatchObject({
    probe: { proof: 'nonce', receiver: { source: '10.77.0.2' } },
    evidence: { requests: { sent: 20, came: 20, duplicates: 0, reordered: 0 }, answers: { sent: 20, came: 20 } },
  });
  listening.kill('SIGTERM');
  await new Promise((ended) => listening.once('exit', ended));
  expect(await peer.state()).toBe(before);
});

labTest('ports that somebody holds are left alone, and who does is named', async ({ lab }) => {
  const [own, peer] = await pair(lab);
  await peer.listen('kubelet', 10_250);
  const busy = await peer.listen('etcd', 2379);
  await own.listen('nginx', 6443, { greeting: 'hello' });
  busy.kill('SIGSTOP');
  const found = await tried([own, peer], ...QUICK, ...PEER);
  busy.kill('SIGCONT');
  expect(faults(found)).toEqual({});
  for (const [from, to, subject, owner] of [
    ['cp1', 'cp2', 'tcp/10250', 'kubelet'],
    ['cp1', 'cp2', 'tcp/2379', 'etcd'],
    ['cp2', 'cp1', 'tcp/6443', 'nginx'],
  ] as const)
    expect(way(found, from, to, subject)).toMatchObject({
      status: 'pass',
      reason: 'open',
      message: expect.stringContaining(`${owner} (pid `),
      probe: { proof: 'accepted', sender: { outcome: 'accepted' }, receiver: { listener: 'owner', arrived: 0 } },
    });
});
