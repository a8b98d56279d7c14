import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { AddOutcome, StepResult } from '../../src/cni/chain.ts';
import { LOOPBACK_NETWORK } from '../../src/cni/loopback.ts';
import { labTest, type Host } from './lab.ts';

const DRIVER = fileURLToPath(new URL('cni-driver.ts', import.meta.url));

/** Our client with Debian's reference plugins, in a host of the lab. */
function client(host: Host, network: object, { capabilities = {}, containerId = 'pod-1', ifname = 'eth0' } = {}) {
  const pod = `/run/netns/${containerId}`;
  const run = async (netns: string, ...verbs: string[]) => {
    const attachment = { containerId, netns, ifname, args: { IgnoreUnknown: '1' }, capabilities };
    const request = { network, binDirs: ['/opt/cni/bin', '/usr/lib/cni'], attachment, cacheDir: '/run/cni-cache' };
    host.write(`/run/request-${containerId}.json`, JSON.stringify(request));
    const printed = await host.sh(`${process.execPath} ${DRIVER} /run/request-${containerId}.json ${verbs.join(' ')}`);
    return JSON.parse(printed) as unknown[];
  };
  return {
    /** All in one process. */
    all: (...verbs: string[]) => run(pod, ...verbs),
    validate: async () => (await run(pod, 'validate'))[0],
    add: async () => (await run(pod, 'add'))[0] as AddOutcome,
    check: async () => (await run(pod, 'check'))[0] as StepResult<string>,
    del: async (netns = pod) => (await run(netns, 'del'))[0],
  };
}

const DATA = '/run/ipam';
const range = (subnet: string) => [{ subnet }];
const hostLocal = (...subnets: string[]) => ({
  type: 'host-local',
  dataDir: DATA,
  ranges: subnets.map(range),
  routes: subnets.map((subnet) => ({ dst: subnet.includes(':') ? '::/0' : '0.0.0.0/0' })),
});
const bridge = (...subnets: string[]) => ({
  type: 'bridge',
  bridge: 'cni-lab',
  isGateway: true,
  ipam: hostLocal(...subnets),
});

async function withPod(host: Host, name = 'pod-1'): Promise<(command: string) => Promise<string>> {
  await host.sh(`ip netns add ${name}`);
  return (command) => host.sh(`ip -n ${name} ${command}`);
}

/** What a plugin made on the host for one pod. */
const traces = (host: Host) =>
  host.sh(
    `ip -o link | grep -c veth || true; find ${DATA} -type f ! -name lock ! -name 'last_reserved*' 2>/dev/null; ls -A /run/cni-cache/results 2>/dev/null; iptables-save 2>/dev/null | grep -c 'CNI-DN\\|pod-1' || true; nft list ruleset | grep -c 10.88.0 || true`,
  );
const NO_TRACES = '0\n0\n0\n';

/** portmap 1.1.1 cannot tell a healthy mapping: its complaint is handed on as it is, and comes after the others had nothing to say. */
function checkedBut(outcome: StepResult<string>): string {
  return outcome.ok ? outcome.value : `${outcome.failure.plugin}: ${outcome.failure.message}`;
}

function expectAdded(outcome: AddOutcome) {
  if (!outcome.ok) throw new Error(`${outcome.failure.plugin}: ${outcome.failure.message}`);
  return outcome.value;
}

labTest('a chain of six: bridge, host-local, tuning, bandwidth, firewall, portmap', async ({ lab }) => {
  const host = await lab.host('w1', '10.77.0.1/24');
  const inPod = await withPod(host);
  const network = {
    cniVersion: '1.0.0',
    name: 'six',
    plugins: [
      { ...bridge('10.88.0.0/24', 'fd88::/64'), mtu: 1400 },
      { type: 'tuning', sysctl: { 'net.core.somaxconn': '500' }, capabilities: { mac: true } },
      { type: 'bandwidth', capabilities: { bandwidth: true } },
      { type: 'firewall' },
      { type: 'portmap', capabilities: { portMappings: true }, snat: true },
    ],
  };
  const capabilities = {
    mac: '02:88:00:00:00:05',
    portMappings: [{ hostPort: 8080, containerPort: 80, protocol: 'tcp' }],
    bandwidth: { ingressRate: 100_000_000, ingressBurst: 800_000 },
  };
  const cni = client(host, network, { capabilities });
  expect(await cni.all('validate', 'status')).toEqual([[], { ok: true, value: 'not-supported' }]);
  const { normal } = expectAdded(await cni.add());
  const place = normal.interfaces.findIndex(({ sandbox }) => sandbox === '/run/netns/pod-1');
  expect(normal.interfaces[place]).toMatchObject({ name: 'eth0', mac: '02:88:00:00:00:05' });
  expect(normal.ips).toEqual([
    { address: '10.88.0.2/24', gateway: '10.88.0.1', interface: place },
    { address: 'fd88::2/64', gateway: 'fd88::1', interface: place },
  ]);
  expect(normal.routes.map(({ dst }) => dst)).toEqual(['0.0.0.0/0', '::/0']);

  const link = await inPod('-o link show eth0');
  expect(link).toContain('mtu 1400');
  expect(link).toContain('02:88:00:00:00:05');
  expect(await inPod('-o address show eth0')).toMatch(/10\.88\.0\.2\/24.*\n.*fd88::2\/64/);
  expect(await inPod('route show default')).toContain('via 10.88.0.1');
  expect(await host.sh('ip netns exec pod-1 cat /proc/sys/net/core/somaxconn')).toBe('500\n');
  expect(await host.sh('iptables-save -t nat')).toContain('--to-destination 10.88.0.2:80');
  expect(await host.sh('tc qdisc show')).toContain('rate 100Mbit');

  expect(checkedBut(await cni.check())).toMatch(/^(?:checked|portmap: could not check ipv6 dnat: )/);
  await inPod('address del 10.88.0.2/24 dev eth0');
  expect(await cni.check()).toMatchObject({ ok: false, failure: { plugin: 'bridge', kind: 'said', code: 999 } });
  expect(await cni.del()).toEqual([]);
  expect(await traces(host)).toBe(NO_TRACES);
});

labTest('ptp, dual stack, and loopback beside it', async ({ lab }) => {
  const host = await lab.host('w1', '10.77.0.1/24');
  const inPod = await withPod(host);
  const { name: own, version } = LOOPBACK_NETWORK;
  const loopback = client(host, { name: own, cniVersion: version, plugins: [{ type: 'loopback' }] }, { ifname: 'lo' });
  expect(expectAdded(await loopback.add()).normal.interfaces).toMatchObject([
    { name: 'lo', sandbox: '/run/netns/pod-1' },
  ]);
  expect(await inPod('-o link show lo')).toContain('UP');
  const cni = client(host, {
    cniVersion: '0.4.0',
    name: 'pair',
    plugins: [{ type: 'ptp', ipam: hostLocal('10.88.0.0/24', 'fd88::/64') }],
  });
  const { normal } = expectAdded(await cni.add());
  expect(normal.ips.map(({ address }) => address)).toEqual(['10.88.0.2/24', 'fd88::2/64']);
  expect(await inPod('-o address show eth0')).toContain('10.88.0.2/');
  expect(await cni.check()).toEqual({ ok: true, value: 'checked' });
  expect(await loopback.check()).toEqual({ ok: true, value: 'not-supported' });
  expect(await cni.del()).toEqual([]);
  expect(await loopback.del()).toEqual([]);
  expect(await inPod('-o link show lo')).not.toContain('UP');
  expect(await traces(host)).toBe(NO_TRACES);
});

labTest('one network in every version that the plugins speak', async ({ lab }) => {
  const host = await lab.host('w1', '10.77.0.1/24');
  await withPod(host);
  for (const cniVersion of ['0.1.0', '0.2.0', '0.3.0', '0.3.1', '0.4.0', '1.0.0']) {
    const cni = client(host, {
      cniVersion,
      name: `v${cniVersion}`,
      plugins: [bridge('10.88.0.0/24'), { type: 'tuning' }],
    });
    const [problems, added, checked, undone] = await cni.all('validate', 'add', 'check', 'del');
    const { normal, raw } = expectAdded(added as AddOutcome);
    expect(raw.cniVersion).toBe(cniVersion);
    expect(normal.ips).toMatchObject([{ address: '10.88.0.2/24', gateway: '10.88.0.1' }]);
    expect(normal.routes).toMatchObject([{ dst: '0.0.0.0/0' }]);
    const old = cniVersion.startsWith('0.') && cniVersion !== '0.4.0';
    expect([problems, checked, undone]).toEqual([[], { ok: true, value: old ? 'not-supported' : 'checked' }, []]);
    expect(await traces(host)).toBe(NO_TRACES);
  }
  const later = client(host, { cniVersion: '1.1.0', name: 'later', plugins: [bridge('10.88.0.0/24')] });
  expect(await later.validate()).toMatchObject([
    { plugin: 'bridge', kind: 'other-version' },
    { plugin: 'host-local', kind: 'other-version' },
  ]);
  expect(await later.add()).toMatchObject({ ok: false, failure: { plugin: 'bridge', kind: 'said', code: 1 } });
});

labTest(
  'the plugins’ own words: no address left, a name that is taken, no namespace, no such plugin',
  async ({ lab }) => {
    const host = await lab.host('w1', '10.77.0.1/24');
    await withPod(host, 'pod-1');
    await withPod(host, 'pod-2');
    const network = { cniVersion: '1.0.0', name: 'small', plugins: [bridge('10.88.0.0/30')] };
    const [one, two, three] = ['pod-1', 'pod-2', 'pod-3'].map((containerId) => client(host, network, { containerId }));
    if (one === undefined || two === undefined || three === undefined) throw new Error('three pods');
    expectAdded(await one.add());
    expect(await two.add()).toMatchObject({
      failure: { plugin: 'bridge', code: 999, message: expect.stringContaining('no IP addresses available') },
    });
    expect(await one.add()).toMatchObject({ failure: { message: expect.stringContaining('already exists') } });
    expect(await three.add()).toMatchObject({ failure: { message: expect.stringContaining('failed to open netns') } });
    for (const pod of [one, two]) expect(await pod.del()).toEqual([]);
    // A namespace that is gone is an empty one, and no reason to fail.
    expect(await three.del('')).toEqual([]);

    const broken = client(host, {
      ...network,
      name: 'broken',
      plugins: [{ ...bridge('10.88.1.0/24'), bridge: 'cni-other' }, { type: 'nosuch' }, { type: 'tuning' }],
    });
    expect(await broken.add()).toMatchObject({
      failure: { plugin: 'nosuch', kind: 'missing' },
      result: { normal: { ips: [{ address: '10.88.1.2/24' }] } },
    });
    expect(await broken.del()).toMatchObject([{ plugin: 'nosuch', kind: 'missing' }]);
    expect(await traces(host)).toBe('0\nbroken-pod-1-eth0\n0\n0\n');
  },
);

labTest('killed in the middle of a chain: another process undoes it', async ({ lab }) => {
  const host = await lab.host('w1', '10.77.0.1/24');
  await withPod(host);
  host.write(
    '/opt/cni/bin/slow',
    '#!/bin/sh\n[ $CNI_COMMAND = ADD ] || exit 0\necho $PPID > /run/client\nsleep 5\n',
    0o755,
  );
  const cni = client(host, {
    cniVersion: '1.0.0',
    name: 'killed',
    plugins: [bridge('10.88.0.0/24'), { type: 'slow' }],
  });
  const added = cni.add().then(
    () => 'added',
    () => 'killed',
  );
  await expect.poll(() => host.sh('cat /run/client 2>/dev/null || true'), { timeout: 20_000 }).not.toBe('');
  await host.sh('kill -KILL $(cat /run/client)');
  expect(await added).toBe('killed');
  expect(await traces(host)).not.toBe(NO_TRACES);
  expect(await cni.del()).toEqual([]);
  expect(await traces(host)).toBe(NO_TRACES);
});
