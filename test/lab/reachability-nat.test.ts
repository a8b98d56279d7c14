import { expect } from 'vitest';
import { labTest, type Host } from './lab.ts';
import { faults, pairApart, pairOverTwo, QUICK, QUICK_PORTS, rules, tried, way } from './reach.ts';

const nat = (host: Host, hook: string, ...lines: string[]) =>
  host.sh(`nft 'table ip nat {
    chain ${hook} {
      type nat hook ${hook} priority 0
      ${lines.join('\n')}
    }
  }'`);

const run = (own: Host, peer: Host, address = '10.77.0.2', ...more: string[]) =>
  tried([own, peer], ...QUICK, '--peer', `control-plane@${address}`, ...more);

labTest('the sender masquerades, and a router does', async ({ lab }) => {
  const [own, router, peer] = await pairApart(lab);
  await own.sh('ip address add 10.77.0.9/24 dev eth0');
  await nat(own, 'postrouting', 'tcp dport 6443 snat to 10.77.0.9', 'udp dport 8472 snat to 10.77.0.9');
  await nat(router, 'postrouting', 'ip daddr 10.78.0.2 tcp dport 10250 masquerade');
  const found = await run(own, peer, '10.78.0.2', '--node-ip', '10.77.0.1');
  expect(faults(found)).toEqual({
    'cp1→cp2 tcp/6443': 'source-rewritten: answered, ours 1/1',
    'cp1→cp2 tcp/10250': 'source-rewritten: answered, ours 1/1',
    'cp1→cp2 udp/8472': 'source-rewritten: answered, ours 60/60',
  });
  expect(way(found, 'cp1', 'cp2', 'tcp/6443')).toMatchObject({
    status: 'warn',
    probe: { from: { address: '10.77.0.1' }, receiver: { source: '10.77.0.9' } },
  });
  expect(way(found, 'cp1', 'cp2', 'tcp/10250')).toMatchObject({ probe: { receiver: { source: '10.78.0.254' } } });
});

labTest(
  'somebody else answers: a stranger that speaks, one that is mute, another member of the run',
  async ({ lab }) => {
    const [own, router, peer] = await pairApart(lab);
    const third = await lab.hostBeyond('cp3', '10.78.0.3/24');
    await third.sh('ip route add default via 10.78.0.254');
    await third.peer();
    await third.sh('ip address add 10.78.0.4/24 dev eth0');
    await third.listen('sshd', 2379, { address: '10.78.0.4', greeting: 'SSH-2.0-stranger' });
    await third.listen('etcd', 2380, { address: '10.78.0.4' });
    await third.listen('vxlan', 8472, { address: '10.78.0.4', protocol: 'udp', greeting: 'who is there?' });
    const elsewhere = (port: string, to: string) => `ip saddr 10.77.0.1 ip daddr 10.78.0.2 ${port} dnat to ${to}`;
    await nat(
      router,
      'prerouting',
      elsewhere('tcp dport 2379', '10.78.0.4'),
      elsewhere('tcp dport 2380', '10.78.0.4'),
      elsewhere('udp dport 8472', '10.78.0.4'),
      elsewhere('tcp dport 6443', '10.78.0.3'),
    );
    const found = await tried(
      [own, peer, third],
      ...QUICK,
      '--peer',
      'control-plane@10.78.0.2',
      '--peer',
      'control-plane@10.78.0.3',
      '--node-ip',
      '10.77.0.1',
    );
    expect(faults(found)).toEqual({
      'cp1→cp2 tcp/6443': 'wrong-host: answered, ours 0/0',
      'cp1→cp2 tcp/2379': 'wrong-host: accepted, ours 0/0',
      'cp1→cp2 tcp/2380': 'wrong-host: accepted, ours 0/0',
      'cp1→cp2 udp/8472': 'wrong-host: accepted, ours 0/0',
    });
    expect(way(found, 'cp1', 'cp2', 'tcp/6443')?.message).toContain('cp3');
  },
);

labTest('two hosts have one address', async ({ lab }) => {
  const [own, peer] = await pairOverTwo(lab);
  const other = await lab.host('x', '10.77.0.2/24');
  await other.listen('nginx', 6443, { greeting: 'hello' });
  await other.listen('nginx', 10_250);
  // Who answers ARP first is chance: here it is the wrong one.
  const mac = (await other.sh('cat /sys/class/net/eth0/address')).trim();
  await own.sh(`ip neigh replace 10.77.0.2 lladdr ${mac} nud permanent dev eth0`);
  const found = await tried(
    [own, peer, other],
    ...QUICK,
    '--peer',
    'control-plane@10.79.0.2',
    '--node-ip',
    '10.77.0.1',
  );
  expect(faults(found)).toEqual({
    'cp1→cp2 tcp/6443': 'wrong-host: accepted, ours 0/0',
    'cp1→cp2 tcp/2379': 'rejected: refused ECONNREFUSED, ours 0/0',
    'cp1→cp2 tcp/2380': 'rejected: refused ECONNREFUSED, ours 0/0',
    'cp1→cp2 tcp/10250': 'wrong-host: accepted, ours 0/0',
    'cp1→cp2 udp/8472': 'rejected: refused ECONNREFUSED, ours 0/0',
    'cp2→cp1 tcp/6443': 'reply-lost: silence, ours 0/0',
    'cp2→cp1 tcp/2379': 'reply-lost: silence, ours 0/0',
    'cp2→cp1 tcp/2380': 'reply-lost: silence, ours 0/0',
    'cp2→cp1 tcp/10250': 'reply-lost: silence, ours 0/0',
    'cp2→cp1 udp/8472': expect.stringMatching(/^reply-lost: silence, ours (\d+)\/\1$/),
  });
});

labTest('nobody answers for the address', async ({ lab }) => {
  const [own, peer] = await pairOverTwo(lab);
  await peer.sh('ip link set dev eth0 arp off');
  const found = await tried([own, peer], ...QUICK, '--peer', 'control-plane@10.79.0.2', '--node-ip', '10.77.0.1');
  const told = [
    ...QUICK_PORTS.map((port) => [`cp1→cp2 ${port}`, 'no-neighbour: silence, ours 0/0']),
    ...QUICK_PORTS.map((port) => [`cp2→cp1 ${port}`, 'request-lost: silence, ours 0/0']),
  ];
  expect(faults(found)).toEqual(Object.fromEntries(told));
  expect(found[0]).toMatchObject({
    status: 'fail',
    remedy: { commands: ['ip route get 10.77.0.2', 'ip neigh show to 10.77.0.2'] },
  });
});

/** Of neighbours, from and to both. */
const DISCOVERY = 'meta protocol ip6 icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } drop';

labTest.for([
  ['nobody answers for the address', 'true', [DISCOVERY]],
  ['a gateway that nobody answers for', 'ip route add fd77::2/128 via fd77::99', []],
] as const)('IPv6: %s', async ([, route, input], { lab }) => {
  const [own, peer] = await pairOverTwo(lab, '--node-ip', 'fd77::2');
  await own.sh(`ip address add fd77::1/64 dev eth0 nodad && ${route}`);
  await peer.sh('ip address add fd77::2/64 dev eth0 nodad');
  await rules(peer, { input, output: input });
  const found = await tried([own, peer], ...QUICK, '--peer', 'control-plane@10.79.0.2', '--node-ip', 'fd77::1');
  const from = (node: string) => Object.entries(faults(found)).filter(([place]) => place.startsWith(`${node}→`));
  expect(Object.fromEntries(from('cp1'))).toEqual(
    Object.fromEntries(QUICK_PORTS.map((port) => [`cp1→cp2 ${port}`, 'no-neighbour: silence, ours 0/0'])),
  );
});

labTest('a gateway that nobody answers for', async ({ lab }) => {
  const [own, peer] = await pairOverTwo(lab);
  await own.sh('ip route add 10.77.0.2/32 via 10.77.0.99');
  const found = await tried([own, peer], ...QUICK, '--peer', 'control-plane@10.79.0.2', '--node-ip', '10.77.0.1');
  expect(way(found, 'cp1', 'cp2', 'tcp/6443')).toMatchObject({ reason: 'no-neighbour', status: 'fail' });
  expect(way(found, 'cp1', 'cp2', 'udp/8472')).toMatchObject({ reason: 'no-neighbour' });
});
