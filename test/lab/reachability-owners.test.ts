import { expect } from 'vitest';
import { labTest, TOKEN_FILE } from './lab.ts';
import { faults, pair, QUICK, tried, way } from './reach.ts';

const PEER = ['--peer', 'control-plane@10.77.0.2'] as const;

labTest('a third host that takes connections to the owner of a port is no proof', async ({ lab }) => {
  const [own, peer] = await pair(lab);
  const third = await lab.host('cp3', '10.77.0.3/24');
  await peer.listen('kube-apiserver', 6443);
  await third.listen('kube-apiserver', 6443);
  await own.sh(
    "nft 'table ip nat { chain output { type nat hook output priority 0; ip daddr 10.77.0.2 tcp dport 6443 dnat to 10.77.0.3; }; }'",
  );
  const found = await tried([own, peer, third], ...QUICK, ...PEER);
  expect(way(found, 'cp1', 'cp2', 'tcp/6443')).toMatchObject({ status: 'unknown', reason: 'undecided' });
  expect(way(found, 'cp2', 'cp1', 'tcp/6443')).toMatchObject({ status: 'pass', reason: 'open' });
});

labTest('an owner that ends while the run lasts is no firewall', async ({ lab }) => {
  const [own, peer] = await pair(lab);
  const server = await peer.listen('kube-apiserver', 6443);
  // Dropped, so that the owner ends while the first connect to it waits; a port that nobody holds keeps its own story.
  await peer.sh(
    "nft 'table inet faults { chain input { type filter hook input priority 0; tcp dport { 6443, 2379 } drop; }; }'",
  );
  const before = await own.state();
  const checking = own.check('--token-file', TOKEN_FILE, ...QUICK, ...PEER);
  await expect
    .poll(() => own.sh('ss -Htn state syn-sent dport = :6443'), { interval: 20, timeout: 20_000 })
    .not.toBe('');
  server.kill('SIGKILL');
  const { checks } = await checking;
  const found = checks.flatMap(({ findings }) => findings);
  expect(await own.state()).toBe(before);
  expect(way(found, 'cp1', 'cp2', 'tcp/6443')).toMatchObject({ status: 'unknown', reason: 'undecided' });
  expect(way(found, 'cp1', 'cp2', 'tcp/2379')).toMatchObject({ reason: 'request-lost' });
});

labTest('the sender turns its own datagrams away, and the peer drops a range', async ({ lab }) => {
  const [own, peer] = await pair(lab);
  await own.sh(
    "nft 'table inet faults { chain output { type filter hook output priority 0; udp dport 8472 reject; }; }'",
  );
  await peer.sh(
    "nft 'table inet faults { chain input { type filter hook input priority 0; tcp dport 30010-30014 drop; }; }'",
  );
  const range = ['--node-port-range', '30000-30019', '--only', 'ports/node-ports-reachable'] as const;
  const found = await tried([own, peer], ...QUICK, ...range, ...PEER);
  expect(faults(found)).toEqual({
    'cp1→cp2 tcp/30010-30014': 'request-lost: silence, ours 0/0',
    'cp1→cp2 udp/8472': 'blocked-locally: refused ECONNREFUSED, ours 0/0',
  });
});
