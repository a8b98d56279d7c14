import { expect } from 'vitest';
import { labTest, type Host } from './lab.ts';
import { faults, pair, QUICK, rules, tried } from './reach.ts';

/** A kernel that sends one error in a second takes a while to tell where a range ends, and longer on a busy machine. */
const TIME = { timeout: 120_000 };

const sweep = (own: Host, peer: Host) =>
  tried(
    [own, peer],
    '--role',
    'worker',
    '--only',
    'ports/node-ports-reachable',
    '--peer',
    'worker@10.77.0.2',
    '--budget',
    '100s',
  );

labTest(
  'holes in the range: 500 dropped beside 100 that a limited number of errors tells of',
  TIME,
  async ({ lab }) => {
    const [own, peer] = await pair(lab);
    await rules(peer, {
      input: [
        'tcp dport 31000-31499 drop',
        'tcp dport 31500-31599 reject with icmp admin-prohibited',
        'udp dport 32000-32499 drop',
      ],
    });
    await rules(own, { output: ['tcp sport 30500 drop', 'udp sport 30500-30509 drop'] });
    const found = await sweep(own, peer);
    expect(faults(found)).toEqual({
      'cp1→cp2 tcp/31000-31499': 'request-lost: silence, ours 0/0',
      'cp1→cp2 tcp/31500-31599': 'rejected: error EHOSTUNREACH, ours 0/0',
      'cp1→cp2 udp/32000-32499': 'request-lost: silence, ours 0/0',
      'cp2→cp1 tcp/30500': 'reply-lost: silence, ours 0/0',
      'cp2→cp1 udp/30500-30509': 'reply-lost: silence, ours 3/0',
    });
    const open = found.filter(({ reason }) => reason === 'open').map(({ nodes, subject }) => `${nodes[0]} ${subject}`);
    expect(open).toEqual([
      'cp1 tcp/30000-30999',
      'cp1 tcp/31600-32767',
      'cp1 udp/30000-31999',
      'cp1 udp/32500-32767',
      'cp2 tcp/30000-30499',
      'cp2 tcp/30501-32767',
      'cp2 udp/30000-30499',
      'cp2 udp/30510-32767',
    ]);
  },
);

labTest.for([
  [
    'connections may begin in a second',
    'tcp flags & (syn | ack) == syn limit rate over 50/second burst 20 packets drop',
    'tcp',
  ],
  ['connections may stand', 'tcp dport 30000-32767 ct state new ct count over 20 reject with tcp reset', 'tcp'],
  ['datagrams may come in a second', 'udp dport 30000-32767 limit rate over 50/second burst 20 packets drop', 'udp'],
  ['answers may come in a second', 'udp sport 30000-32767 limit rate over 50/second burst 20 packets drop', 'udp'],
] as const)('so many %s, and nobody is accused', TIME, async ([what, rule, protocol], { lab }) => {
  const [own, peer] = await pair(lab);
  await rules(what.startsWith('answers') ? own : peer, { input: ['tcp dport 10777 accept', rule] });
  const found = await sweep(own, peer);
  expect(found.filter(({ status }) => status === 'fail' || status === 'warn')).toEqual([]);
  expect(found.filter(({ probe }) => probe === undefined)).toEqual([]);
  const undecided = found.filter(({ reason }) => reason === 'undecided');
  expect(undecided.map(({ message }) => message)).toEqual(
    expect.arrayContaining([expect.stringContaining('when they are asked by themselves')]) as string[],
  );
  expect(undecided.every(({ nodes, subject }) => nodes[0] === 'cp1' && subject.startsWith(protocol))).toBe(true);
});

labTest('the whole range is dropped: one finding for each protocol', async ({ lab }) => {
  const [own, peer] = await pair(lab);
  await rules(peer, { input: ['meta l4proto { tcp, udp } th dport 30000-32767 drop'] });
  expect(faults(await sweep(own, peer))).toEqual({
    'cp1→cp2 tcp/30000-32767': 'request-lost: silence, ours 0/0',
    'cp1→cp2 udp/30000-32767': 'request-lost: silence, ours 0/0',
  });
});

labTest('a firewall that refuses everything tells of no more than one packet in a second', async ({ lab }) => {
  const [own, peer] = await pair(lab);
  await rules(peer, {
    input: [
      'iif lo accept',
      'ct state established,related accept',
      'meta l4proto icmp accept',
      'tcp dport 10777 accept',
      'reject with icmp admin-prohibited',
    ],
  });
  const found = await tried([own, peer], ...QUICK, '--peer', 'control-plane@10.77.0.2');
  const refused = 'rejected: error EHOSTUNREACH, ours 0/0';
  expect(faults(found)).toEqual({
    'cp1→cp2 tcp/6443': refused,
    'cp1→cp2 tcp/2379': refused,
    'cp1→cp2 tcp/2380': refused,
    'cp1→cp2 tcp/10250': refused,
    'cp1→cp2 udp/8472': refused,
  });
});
