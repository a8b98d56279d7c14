import { execFileSync } from 'node:child_process';
import { expect } from 'vitest';
import { complaints, labTest, TOKEN_FILE, type Host } from './lab.ts';
import { pairApart, rules } from './reach.ts';

/** Every port of the switch, and the bridge with them. */
function widenSwitch({ namespace }: Host, mtu: number): void {
  const ip = ['-n', namespace.replace(/-[^-]*$/, '-switch')];
  const ports = execFileSync('ip', [...ip, '-o', 'link', 'show', 'type', 'veth'], { encoding: 'utf8' });
  for (const [, port = ''] of ports.matchAll(/^\d+: (p\d+)@/gm))
    execFileSync('ip', [...ip, 'link', 'set', 'dev', port, 'mtu', String(mtu)]);
}

/** From which node to which, what was found, and the largest packet that passed. */
async function paths(own: Host, ...args: string[]) {
  const common = ['--role', 'control-plane', '--peer', '10.78.0.2', '--token-file', TOKEN_FILE] as const;
  const { checks } = await own.check('--only', 'network/mtu', ...common, ...args);
  return checks.flatMap(({ findings }) => findings).filter(({ subject }) => subject === 'IPv4 path');
}

labTest(
  'a path that is wide enough, narrower and told so, a black hole, and in one direction only',
  async ({ lab }) => {
    const [own, router, peer] = await pairApart(lab);
    expect(await paths(own)).toMatchObject([
      { nodes: ['cp1', 'cp2'], reason: 'carried', evidence: { pathMtu: 1_500 } },
      { nodes: ['cp2', 'cp1'], reason: 'carried', evidence: { pathMtu: 1_500 } },
    ]);

    // Only the way there is narrow: the router knows, and says so.
    await router.sh('ip route replace 10.78.0.0/24 dev eth1 mtu 1400');
    const told = await paths(own, '--cni', 'flannel');
    expect(complaints(told)).toMatchObject([
      { nodes: ['cp1', 'cp2'], reason: 'too-small', evidence: { pathMtu: 1_400, beyond: 'told' } },
    ]);
    expect(told[0]?.remedy?.text).toContain(' to 1400.');

    // The router says so, and nobody hears it.
    await own.sh('ip route flush cache');
    await rules(router, { output: ['icmp type destination-unreachable drop'] });
    const hole = await paths(own, '--cni', 'calico-vxlan');
    expect(complaints(hole)).toMatchObject([
      {
        nodes: ['cp1', 'cp2'],
        status: 'fail',
        reason: 'black-hole',
        evidence: { pathMtu: 1_400, beyond: 'black-hole' },
      },
    ]);
    expect(hole[0]?.remedy?.text).toContain('1350');

    // The same the other way.
    await router.sh('ip route replace 10.78.0.0/24 dev eth1; ip route replace 10.77.0.0/24 dev eth0 mtu 1300');
    expect(complaints(await paths(own))).toMatchObject([
      { nodes: ['cp2', 'cp1'], reason: 'black-hole', evidence: { pathMtu: 1_300 } },
    ]);
    expect(await peer.running()).toHaveLength(1);
  },
);

labTest('jumbo frames pass where everything takes them', async ({ lab }) => {
  const [own, router, peer] = await pairApart(lab);
  widenSwitch(own, 9_000);
  for (const host of [own, router, peer])
    await host.sh('for d in $(ls /sys/class/net | grep eth); do ip link set dev $d mtu 9000; done');
  expect(await paths(own)).toMatchObject([
    { reason: 'carried', evidence: { pathMtu: 9_000 } },
    { reason: 'carried', evidence: { pathMtu: 9_000 } },
  ]);
  await router.sh('ip route replace 10.78.0.0/24 dev eth1 mtu 1500');
  const told = await paths(own, '--cni', 'flannel');
  expect(complaints(told)).toMatchObject([
    { nodes: ['cp1', 'cp2'], reason: 'too-small', evidence: { pathMtu: 1_500 } },
  ]);
  expect(told[0]?.remedy?.text).toContain(' to 1500.');
});

labTest('a switch that takes no jumbo frames, and tells nobody', async ({ lab }) => {
  const own = await lab.host('cp1', '10.78.0.1/24');
  const peer = await lab.host('cp2', '10.78.0.2/24');
  for (const host of [own, peer]) await host.sh('ip link set dev eth0 mtu 9000');
  await peer.peer();
  const found = await paths(own);
  expect(found.map(({ nodes, reason, evidence }) => [...nodes, reason, evidence?.['pathMtu']])).toEqual([
    ['cp1', 'cp2', 'black-hole', 1_500],
    ['cp2', 'cp1', 'black-hole', 1_500],
  ]);
});
