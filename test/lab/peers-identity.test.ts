import { expect } from 'vitest';
import { complaints, labTest, TOKEN_FILE, type Host, type Lab } from './lab.ts';

const ID = '0123456789abcdef0123456789abcde';

/** Machines of one image: two on a network, and one behind a router. */
async function clones(lab: Lab): Promise<[own: Host, peer: Host, other: Host, router: Host]> {
  const hosts: [Host, Host, Host] = [
    await lab.host('n1', '10.77.0.1/24'),
    await lab.host('n2', '10.77.0.2/24'),
    await lab.hostBeyond('n3', '10.78.0.3/24'),
  ];
  const router = await lab.router('r1', '10.77.0.254/24', '10.78.0.254/24');
  const [own, peer, other] = hosts;
  for (const host of [own, peer]) await host.sh('ip route add default via 10.77.0.254');
  await other.sh('ip route add default via 10.78.0.254');
  for (const [index, host] of hosts.entries()) host.write('/etc/machine-id', `${ID}${index}\n`);
  return [...hosts, router];
}

async function between(own: Host, check: string) {
  const peers = ['--peer', '10.77.0.2', '--peer', '10.78.0.3'] as const;
  const { checks } = await own.check('--only', check, '--token-file', TOKEN_FILE, ...peers);
  return checks.flatMap(({ findings }) => findings).filter(({ status }) => status !== 'skip');
}

labTest('machines of their own; clones: who shares what is told of both', async ({ lab }) => {
  const [own, peer, other, router] = await clones(lab);
  for (const host of [peer, other]) await host.peer();
  for (const check of ['identity/machine-id', 'identity/hostname', 'network/mac-addresses', 'network/interfaces'])
    expect(complaints(await between(own, check)), check).toEqual([]);

  other.write('/etc/machine-id', `${ID}1\n`);
  for (const host of [peer, other]) await host.sh('ip link set dev eth0 address 02:00:00:00:00:07');
  for (const host of [own, router]) await host.sh('ip neighbour flush all');
  await other.sh('hostname n2');
  const n2 = expect.stringContaining('10.77.0.2') as string;
  const n3 = expect.stringContaining('10.78.0.3') as string;
  for (const [check, subject] of [
    ['identity/machine-id', undefined],
    ['identity/hostname', 'n2'],
    ['network/mac-addresses', '02:00:00:00:00:07'],
  ] as const) {
    const found = complaints(await between(own, check));
    expect(found, check).toMatchObject([{ status: 'fail', nodes: [n2, n3] }]);
    if (subject !== undefined) expect(found[0]?.subject).toBe(subject);
  }
});

labTest('one address on two nodes', async ({ lab }) => {
  const [own, peer, other] = await clones(lab);
  await peer.plug('eth1', '10.99.0.1/24');
  await other.plug('eth1', '10.99.0.1/24');
  await peer.peer('--node-ip', '10.99.0.1');
  await other.peer('--node-ip', '10.99.0.1');
  expect(complaints(await between(own, 'network/interfaces'))).toMatchObject([
    { reason: 'duplicate-address', subject: '10.99.0.1', nodes: ['n2', 'n3'] },
  ]);
});
