import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import * as z from 'zod';
import { MESSAGES } from '../../src/peers/messages/protocol.ts';
import { labTest, type Host } from './lab.ts';

const SCRIPT = fileURLToPath(new URL('../peers/kernel-view.ts', import.meta.url));

const seen = z.object({
  opened: MESSAGES.open.answer.shape.opened,
  sent: MESSAGES.send.answer,
  sight: MESSAGES.look.answer,
  before: MESSAGES.look.answer.shape.counters,
  limits: MESSAGES.meet.answer.shape.limits,
});

async function view(host: Host, address: string, first: number, last = first): Promise<z.infer<typeof seen>> {
  const before = await host.state();
  const printed = await host.sh(`${process.execPath} ${SCRIPT} ${address} ${first} ${last}`);
  expect(await host.state()).toBe(before);
  return seen.parse(JSON.parse(printed));
}

const dropAnswers = (port: number) =>
  `nft 'add table inet t; add chain inet t o { type filter hook output priority 0; }; add rule inet t o tcp sport ${port} tcp flags & (syn|ack) == syn|ack drop'`;

labTest.for(['10.80.0.1', 'fd80::1'])(
  'an answer that is dropped on its way out leaves a half-open connection, told with its port: %s',
  async (address, { lab }) => {
    const host = await lab.host('h1', '10.80.0.1/24', 'fd80::1/64');
    await host.sh(dropAnswers(30_001));
    const { opened, sent, sight } = await view(host, address, 30_000, 30_002);
    expect(opened[0]).toMatchObject({ listener: 'ours', ports: { first: 30_000, last: 30_002 } });
    const [result] = sent.results;
    if (result?.kind !== 'reach') throw new Error('nothing was sent');
    expect(result.reaches.map(({ ports, saw }) => [ports.first, saw.outcome])).toEqual([
      [30_000, 'answered'],
      [30_001, 'silence'],
      [30_002, 'answered'],
    ]);
    const [held] = result.held;
    expect(result.held).toEqual([{ port: 30_001, localPort: expect.any(Number) }]);
    expect(sight.connections).toEqual([
      { port: 30_001, remoteAddress: address, remotePort: held?.localPort, halfOpen: true },
    ]);
    expect(sight.arrivals.map(({ ports }) => ports.first)).toEqual([30_000, 30_002]);
  },
);

labTest('a request that is dropped on its way in leaves none', async ({ lab }) => {
  const host = await lab.host('h1', '10.80.0.1/24');
  await host.sh(
    `nft 'add table inet t; add chain inet t i { type filter hook input priority 0; }; add rule inet t i tcp dport 30001 drop'`,
  );
  const { sent, sight, before } = await view(host, '10.80.0.1', 30_001);
  expect(sent.results).toMatchObject([{ reaches: [{ saw: { outcome: 'silence' } }], held: [{ port: 30_001 }] }]);
  expect(sight).toMatchObject({ connections: [], arrivals: [] });
  expect(sight.counters[4].inReceives).toBeGreaterThan(before[4].inReceives);
});

labTest('a port that a VXLAN device holds is the kernel’s, for root and for others', async ({ lab }) => {
  const host = await lab.host('h1', '10.80.0.1/24');
  await host.sh(
    'ip link add flannel.1 type vxlan id 1 dstport 8472 dev eth0 nolearning && ip link set dev flannel.1 up',
  );
  const asRoot = await view(host, '10.80.0.1', 30_000);
  // Where every process may be looked at none holds it; otherwise the device tells.
  const detail = expect.stringMatching(/^the kernel, (?:and no process|for flannel\.1)$/);
  expect(asRoot.opened[1]).toMatchObject({ listener: 'kernel', detail });
  const printed = await host.sh(
    `setpriv --reuid=65534 --clear-groups ${process.execPath} ${SCRIPT} 10.80.0.1 30000 30000`,
  );
  expect(seen.parse(JSON.parse(printed)).opened[1]).toMatchObject({
    listener: 'kernel',
    detail: 'the kernel, for flannel.1',
  });
});

labTest('somebody’s process on the port of an overlay is its owner', async ({ lab }) => {
  const host = await lab.host('h1', '10.80.0.1/24');
  const child = await host.listen('flanneld', 8472, { protocol: 'udp' });
  const { opened } = await view(host, '10.80.0.1', 30_000);
  expect(opened[1]).toMatchObject({ listener: 'owner', detail: expect.stringMatching(/^flanneld \(pid \d+\)$/) });
  child.kill('SIGKILL');
});

labTest(
  'what the kernel has room for, and nobody who is no member among the neighbours that do not answer',
  async ({ lab }) => {
    const host = await lab.host('h1', '10.80.0.1/24');
    await host.sh(
      'ping -c 1 -W 1 10.80.0.99 >/dev/null 2>&1 || bash -c "echo >/dev/tcp/10.80.0.99/9" 2>/dev/null || true',
    );
    const { sight, limits } = await view(host, '10.80.0.1', 30_000);
    expect(sight.neighboursFailed).toEqual([]);
    expect(limits.tracked === null || limits.tracked > 0).toBe(true);
  },
);

const RULE = '-A KUBE-NODEPORTS -p tcp -m comment --comment default/web:http -m tcp --dport 30001 -j ACCEPT';

labTest.for([
  ['iptables in nf_tables', `iptables-nft -t nat -N KUBE-NODEPORTS; iptables-nft -t nat ${RULE}`, 'default/web:http'],
  [
    'the older iptables',
    `iptables-legacy -t nat -N KUBE-NODEPORTS; iptables-legacy -t nat ${RULE}`,
    'default/web:http',
  ],
  [
    'nftables',
    `nft 'add table ip kube-proxy; add chain ip kube-proxy external-ULMVA6XW-default/web/tcp/http; add map ip kube-proxy service-nodeports { type inet_proto . inet_service : verdict; }; add element ip kube-proxy service-nodeports { tcp . 30001 : goto external-ULMVA6XW-default/web/tcp/http }'`,
    'default/web/tcp/http',
  ],
] as const)(
  'a NodePort of a Service is left alone on a node that has joined: %s',
  async ([, rules, service], { lab }) => {
    const host = await lab.host('h1', '10.80.0.1/24');
    host.write('/etc/kubernetes/kubelet.conf', '');
    await host.sh(rules);
    const { opened } = await view(host, '10.80.0.1', 30_000, 30_002);
    expect(opened.map(({ protocol, ports, listener, detail }) => [protocol, ports.first, listener, detail])).toEqual([
      ['tcp', 30_000, 'ours', null],
      ['tcp', 30_001, 'service', service],
      ['tcp', 30_002, 'ours', null],
      ['udp', 8472, 'none', expect.stringContaining('node of a cluster')],
    ]);
  },
);
