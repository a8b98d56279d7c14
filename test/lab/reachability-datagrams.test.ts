import { expect } from 'vitest';
import { labTest, type Host } from './lab.ts';
import { faults, pair, QUICK, rules, tried, way } from './reach.ts';

const run = (own: Host, peer: Host) => tried([own, peer], ...QUICK, '--peer', 'control-plane@10.77.0.2');

labTest('one of five is lost one way, and one of fifty the other', async ({ lab }) => {
  const [own, peer] = await pair(lab);
  await rules(peer, { input: ['udp dport 8472 numgen inc mod 5 == 0 drop'] });
  await rules(own, { input: ['udp dport 8472 numgen inc mod 50 == 0 drop'] });
  const found = await run(own, peer);
  expect(Object.keys(faults(found))).toEqual(['cp1→cp2 udp/8472']);
  expect(way(found, 'cp1', 'cp2', 'udp/8472')).toMatchObject({
    status: 'warn',
    reason: 'lossy',
    message: expect.stringMatching(/datagrams arrived\.$/),
  });
});

labTest('answers are lost in part', async ({ lab }) => {
  const [own, peer] = await pair(lab);
  await rules(peer, { output: ['udp sport 8472 numgen inc mod 5 == 0 drop'] });
  expect(way(await run(own, peer), 'cp1', 'cp2', 'udp/8472')).toMatchObject({
    reason: 'lossy',
    message: expect.stringMatching(/were answered\.$/),
  });
});

labTest('what looks like an overlay is dropped', async ({ lab }) => {
  const [own, peer] = await pair(lab);
  await rules(peer, { input: ['udp dport 8472 @th,64,8 0x08 drop'] });
  const found = await run(own, peer);
  expect(way(found, 'cp1', 'cp2', 'udp/8472')).toMatchObject({
    status: 'fail',
    reason: 'encapsulation-lost',
    probe: { proof: 'nonce', sender: { outcome: 'answered' } },
    evidence: { receiver: { dressed: null }, sender: { dressed: { came: 0 }, likeDressed: { came: 20 } } },
  });
  expect(Object.keys(faults(found))).toEqual(['cp1→cp2 udp/8472']);
});

labTest('a device of the kernel holds the port on one side, a process on the other', async ({ lab }) => {
  const [own, peer] = await pair(lab);
  await peer.sh(
    'ip link add flannel.1 type vxlan id 1 local 10.77.0.2 dev eth0 dstport 8472 && ip link set dev flannel.1 up',
  );
  await own.listen('flanneld', 8472, { protocol: 'udp' });
  const found = await run(own, peer);
  expect(faults(found)).toEqual({
    'cp1→cp2 udp/8472': 'kernel-owned: silence, kernel 0/0',
    'cp2→cp1 udp/8472': 'listener-unavailable: silence, owner 0/0',
  });
  expect(way(found, 'cp1', 'cp2', 'udp/8472')).toMatchObject({ status: 'skip' });
  expect(way(found, 'cp2', 'cp1', 'udp/8472')).toMatchObject({
    status: 'unknown',
    message: expect.stringContaining('flanneld'),
  });
});
