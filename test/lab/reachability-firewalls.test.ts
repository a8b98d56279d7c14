import { expect } from 'vitest';
import { labTest, type Host } from './lab.ts';
import { faults, NODE_PORTS, pair, pairApart, rules, tried, unlimited } from './reach.ts';

const RESET = 'reject with tcp reset';

/** What a rule does to requests of each protocol, and what is seen then. */
const REQUESTS: Readonly<Record<4 | 6, readonly (readonly [verdict: string, tcp: string, udp: string])[]>> = {
  4: [
    ['drop', 'request-lost: silence, ours 0/0', 'request-lost: silence, ours 0/0'],
    [RESET, 'rejected: refused ECONNREFUSED, ours 0/0', ''],
    [
      'reject with icmp port-unreachable',
      'rejected: refused ECONNREFUSED, ours 0/0',
      'rejected: refused ECONNREFUSED, ours 0/0',
    ],
    ['reject with icmp host-unreachable', 'rejected: error EHOSTUNREACH, ours 0/0', 'request-lost: silence, ours 0/0'],
    ['reject with icmp net-unreachable', 'rejected: error ENETUNREACH, ours 0/0', 'request-lost: silence, ours 0/0'],
    [
      'reject with icmp host-prohibited',
      'rejected: error EHOSTUNREACH, ours 0/0',
      'rejected: error EHOSTUNREACH, ours 0/0',
    ],
    [
      'reject with icmp net-prohibited',
      'rejected: error ENETUNREACH, ours 0/0',
      'rejected: error ENETUNREACH, ours 0/0',
    ],
    [
      'reject with icmp admin-prohibited',
      'rejected: error EHOSTUNREACH, ours 0/0',
      'rejected: error EHOSTUNREACH, ours 0/0',
    ],
  ],
  6: [
    ['drop', 'request-lost: silence, ours 0/0', 'request-lost: silence, ours 0/0'],
    [RESET, 'rejected: refused ECONNREFUSED, ours 0/0', ''],
    [
      'reject with icmpv6 port-unreachable',
      'rejected: refused ECONNREFUSED, ours 0/0',
      'rejected: refused ECONNREFUSED, ours 0/0',
    ],
    ['reject with icmpv6 no-route', 'rejected: error ENETUNREACH, ours 0/0', 'request-lost: silence, ours 0/0'],
    [
      'reject with icmpv6 addr-unreachable',
      'rejected: error EHOSTUNREACH, ours 0/0',
      'request-lost: silence, ours 0/0',
    ],
    ['reject with icmpv6 admin-prohibited', 'rejected: error EACCES, ours 0/0', 'rejected: error EACCES, ours 0/0'],
  ],
};
const VERDICTS = { 4: REQUESTS[4].map(([verdict]) => verdict), 6: REQUESTS[6].map(([verdict]) => verdict) };

/** Each verdict for one port of each protocol; what is between them stays open. */
const portOf = (index: number) => 30_000 + 2 * index;
function linesFor(verdicts: readonly string[], end: 'sport' | 'dport'): string[] {
  return verdicts.flatMap((verdict, index) =>
    (verdict === RESET ? ['tcp'] : ['tcp', 'udp']).map((protocol) => `${protocol} ${end} ${portOf(index)} ${verdict}`),
  );
}

function expected(family: 4 | 6, each: (tcp: string, udp: string, verdict: string) => [tcp: string, udp: string]) {
  const entries = REQUESTS[family].flatMap(([verdict, asTcp, asUdp], index) => {
    const [tcp, udp] = each(asTcp, asUdp, verdict);
    const port = portOf(index);
    return [[`cp1→cp2 tcp/${port}`, tcp], ...(verdict === RESET ? [] : [[`cp1→cp2 udp/${port}`, udp]])];
  });
  return Object.fromEntries(entries) as Record<string, string>;
}

const run = (own: Host, peer: Host, address: string, ...args: string[]) =>
  tried([own, peer], ...NODE_PORTS, '--peer', `worker@${address}`, ...args);

labTest.for([4, 6] as const)('requests, in the input chain of the peer, IPv%i', async (family, { lab }) => {
  const [own, peer] = await pair(lab, ['fd77::1/64', 'fd77::2/64']);
  await unlimited(peer);
  await rules(peer, { input: linesFor(VERDICTS[family], 'dport') });
  const address = family === 4 ? '10.77.0.2' : '[fd77::2]';
  const own6 = family === 4 ? [] : ['--node-ip', 'fd77::1'];
  expect(faults(await run(own, peer, address, ...own6))).toEqual(expected(family, (tcp, udp) => [tcp, udp]));
});

labTest('requests, in the forward chain of a router', async ({ lab }) => {
  const [own, router, peer] = await pairApart(lab);
  await unlimited(router);
  await rules(router, { forward: linesFor(VERDICTS[4], 'dport').map((line) => `ip saddr 10.77.0.1 ${line}`) });
  const found = await run(own, peer, '10.78.0.2');
  expect(faults(found)).toEqual(expected(4, (tcp, udp) => [tcp, udp]));
  expect(found.find(({ subject }) => subject === 'tcp/30000')?.evidence).toMatchObject({
    // On a busy machine its counters cannot tell, and then it says so.
    lostAt: expect.stringMatching(/^(?:before-peer|unknown)$/),
  });
});

labTest.for([4, 6] as const)('answers, in the output chain of the peer, IPv%i', async (family, { lab }) => {
  const [own, peer] = await pair(lab, ['fd77::1/64', 'fd77::2/64']);
  await rules(peer, { output: linesFor(VERDICTS[family], 'sport') });
  const address = family === 4 ? '10.77.0.2' : '[fd77::2]';
  const own6 = family === 4 ? [] : ['--node-ip', 'fd77::1'];
  expect(faults(await run(own, peer, address, ...own6))).toEqual(
    expected(family, () => ['reply-lost: silence, ours 0/0', 'reply-lost: silence, ours 3/0']),
  );
});

labTest.for(['sender', 'router'] as const)('answers, at the %s', async (where, { lab }) => {
  const [own, router, peer] = await pairApart(lab);
  await unlimited(router);
  const lines = linesFor(VERDICTS[4], 'sport').map((line) => `ip saddr 10.78.0.2 ${line}`);
  await rules(where === 'sender' ? own : router, where === 'sender' ? { input: lines } : { forward: lines });
  expect(faults(await run(own, peer, '10.78.0.2'))).toEqual(
    expected(4, () => ['reply-lost: silence, ours 0/0', 'reply-lost: silence, ours 3/3']),
  );
});

labTest.for([4, 6] as const)('requests, in the output chain of the sender, IPv%i', async (family, { lab }) => {
  const [own, peer] = await pair(lab, ['fd77::1/64', 'fd77::2/64']);
  await unlimited(own);
  await rules(own, { output: linesFor(VERDICTS[family], 'dport') });
  const address = family === 4 ? '10.77.0.2' : '[fd77::2]';
  const own6 = family === 4 ? [] : ['--node-ip', 'fd77::1'];
  const found = await run(own, peer, address, ...own6);
  expect(faults(found)).toEqual(
    expected(family, (tcp) => [tcp.replace(/^[a-z-]+:/, 'blocked-locally:'), 'blocked-locally: error EPERM, ours 0/0']),
  );
});

labTest('faults of every side in one run', async ({ lab }) => {
  const [own, peer] = await pair(lab);
  await rules(peer, {
    input: ['tcp dport 30006 drop'],
    output: ['tcp sport 30000 drop', `tcp sport 30002 ${RESET}`, 'tcp sport 30004 reject with icmp host-unreachable'],
  });
  await rules(own, {
    input: ['tcp sport 30012 drop', `tcp sport 30014 ${RESET}`],
    output: ['tcp dport 30008 drop', `tcp dport 30010 ${RESET}`],
  });
  expect(faults(await run(own, peer, '10.77.0.2'))).toEqual({
    'cp1→cp2 tcp/30000': 'reply-lost: silence, ours 0/0',
    'cp1→cp2 tcp/30002': 'reply-lost: silence, ours 0/0',
    'cp1→cp2 tcp/30004': 'reply-lost: silence, ours 0/0',
    'cp1→cp2 tcp/30006': 'request-lost: silence, ours 0/0',
    'cp1→cp2 tcp/30008': 'blocked-locally: silence, ours 0/0',
    'cp1→cp2 tcp/30010': 'blocked-locally: refused ECONNREFUSED, ours 0/0',
    'cp1→cp2 tcp/30012': 'reply-lost: silence, ours 0/0',
    'cp1→cp2 tcp/30014': 'reply-lost: silence, ours 0/0',
  });
});
