import { expect } from 'vitest';
import { labTest, type Host } from './lab.ts';
import { faults, pair, pairApart, QUICK, rules, tried, way } from './reach.ts';

const run = (own: Host, peer: Host, address = '10.77.0.2') =>
  tried([own, peer], ...QUICK, '--peer', `control-plane@${address}`);

labTest('the third packet of a handshake is lost: to our listener, and to a real owner', async ({ lab }) => {
  const [own, peer] = await pair(lab);
  await peer.listen('kubelet', 10_250);
  await rules(peer, { input: ['tcp dport { 6443, 10250 } tcp flags & (syn | ack) == ack drop'] });
  const found = await run(own, peer);
  expect(faults(found)).toEqual({
    'cp1→cp2 tcp/6443': 'half-open: accepted, ours 0/0',
    'cp1→cp2 tcp/10250': 'half-open: accepted, owner 0/0',
  });
  expect(way(found, 'cp1', 'cp2', 'tcp/6443')?.message).toBe(
    'cp1 connects, and cp2 waits in vain for the third packet of the handshake.',
  );
});

labTest('what is between the two breaks a connection off once something is said on it', async ({ lab }) => {
  const [own, peer] = await pair(lab);
  await rules(peer, { input: ['tcp dport 6443 tcp flags & psh == psh reject with tcp reset'] });
  const found = await run(own, peer);
  expect(faults(found)).toEqual({ 'cp1→cp2 tcp/6443': 'undecided: accepted ECONNRESET, ours 0/0' });
  expect(way(found, 'cp1', 'cp2', 'tcp/6443')?.message).toContain('the listener there greeted');
});

labTest('answers that are dropped where SYN cookies leave no trace of what was asked', async ({ lab }) => {
  const [own, peer] = await pair(lab);
  await peer.sh('sysctl -qw net.ipv4.tcp_syncookies=2');
  await rules(own, { input: ['tcp sport 2379 drop'] });
  const found = await run(own, peer);
  expect(faults(found)).toEqual({ 'cp1→cp2 tcp/2379': 'lost: silence, ours 0/0' });
  expect(found.find(({ reason }) => reason === 'lost')).toMatchObject({
    status: 'fail',
    message: expect.stringContaining('SYN cookies'),
  });
});

labTest('requests of a real owner are dropped, and rejected', async ({ lab }) => {
  const [own, peer] = await pair(lab);
  await peer.listen('kubelet', 10_250);
  await peer.listen('etcd', 2379);
  await peer.listen('etcd', 2380);
  await rules(peer, {
    input: ['tcp dport 10250 drop', 'tcp dport 2379 reject with icmp admin-prohibited'],
    output: ['tcp sport 2380 drop'],
  });
  expect(faults(await run(own, peer))).toEqual({
    'cp1→cp2 tcp/10250': 'request-lost: silence, owner 0/0',
    'cp1→cp2 tcp/2379': 'rejected: error EHOSTUNREACH, owner 0/0',
    'cp1→cp2 tcp/2380': 'reply-lost: silence, owner 0/0',
  });
});

labTest('large packets are lost without a word', async ({ lab }) => {
  const [own, router, peer] = await pairApart(lab);
  await router.sh('ip link set dev eth1 mtu 1400');
  await rules(router, { output: ['icmp type destination-unreachable icmp code 4 drop'] });
  const found = await run(own, peer, '10.78.0.2');
  // What comes in by that link is lost as well: the other end does not know of its MTU.
  expect(faults(found)).toEqual({
    'cp1→cp2 tcp/2379': 'stalled: answered, ours 1/1',
    'cp2→cp1 tcp/2379': 'stalled: answered, ours 1/1',
  });
  expect(found.find(({ reason }) => reason === 'stalled')).toMatchObject({
    status: 'fail',
    evidence: { bulk: { bytes: 200_000, stalled: true, returned: 0 } },
  });
});

labTest('the same, and told so', async ({ lab }) => {
  const [own, router, peer] = await pairApart(lab);
  await router.sh('ip link set dev eth1 mtu 1400');
  expect(faults(await run(own, peer, '10.78.0.2'))).toEqual({});
});
