import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import * as z from 'zod';
import type { Remainder } from '../../src/evidence/pods.ts';
import { parseList } from '../../src/kubernetes/cni/config-list.ts';
import type { Settled } from '../../src/pods/undo/put-back.ts';
import type { Ours } from '../../src/pods/remainders/found.ts';
import { labTest, type Host } from './lab.ts';

const END = join(import.meta.dirname, 'host-state-end.ts');
const PLUGINS = '/usr/lib/cni';

type Plugin = Readonly<Record<string, unknown>> & { readonly type: string };

const HOST_LOCAL = { type: 'host-local', ranges: [[{ subnet: '10.99.7.0/24' }], [{ subnet: 'fd00:7::/64' }]] };
const BRIDGE: Plugin = { type: 'bridge', bridge: 'cni0', isGateway: true, ipMasq: true, ipam: HOST_LOCAL };
const PLAIN: Plugin = { type: 'bridge', bridge: 'cni0', isGateway: true, ipam: HOST_LOCAL };
const PORTMAP: Plugin = {
  type: 'portmap',
  capabilities: { portMappings: true },
  runtimeConfig: { portMappings: [{ hostPort: 31_111, containerPort: 80, protocol: 'tcp' }] },
};

const resultSchema = z.object({
  interfaces: z.array(z.object({ name: z.string(), sandbox: z.string().optional() })).default([]),
  ips: z.array(z.object({ address: z.string() })).default([]),
});

/** Pods of one network, made by its plugins one by one. */
function network(host: Host, ...plugins: readonly Plugin[]) {
  const directory = mkdtempSync(join(tmpdir(), 'seaworthy-state-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const parsed = parseList(JSON.stringify({ cniVersion: '0.4.0', name: 'lab', plugins }));
  if ('problem' in parsed) throw new Error(parsed.problem);
  let ours: Ours = {
    network: parsed.value,
    binDirs: ['/usr/lib/cni'],
    containerIds: ['seaworthy-aa'],
    interfaces: [],
    addresses: [],
  };

  const call = async (command: string, id: string, plugin: Plugin, prevResult: unknown) => {
    const config = JSON.stringify({
      cniVersion: '0.4.0',
      name: 'lab',
      ...plugin,
      ...(prevResult === null ? {} : { prevResult }),
    });
    const said = await host.sh(
      `echo '${config}' | CNI_COMMAND=${command} CNI_CONTAINERID=${id} CNI_NETNS=/run/netns/${id} CNI_IFNAME=eth0 CNI_PATH=${PLUGINS} CNI_ARGS=IgnoreUnknown=1 PATH=/run/first:$PATH ${PLUGINS}/${plugin.type} || { cat; exit 1; }`,
    );
    return said === '' ? prevResult : (JSON.parse(said) as unknown);
  };
  const end = async (command: string): Promise<string> =>
    host.sh(`${process.execPath} ${END} ${command} ${directory}/before.json '${JSON.stringify(ours)}'`);

  return {
    look: () => end('look'),
    add: async (id = 'seaworthy-aa') => {
      await host.sh(`ip netns add ${id}`);
      let result: unknown = null;
      for (const plugin of plugins) result = await call('ADD', id, plugin, result);
      const { interfaces, ips } = resultSchema.parse(result);
      if (ours.containerIds.includes(id))
        ours = {
          ...ours,
          interfaces: interfaces.filter(({ sandbox = '' }) => sandbox === '').map(({ name }) => name),
          addresses: ips.map(({ address }) => address.split('/')[0] ?? ''),
        };
      return result;
    },
    del: async (result: unknown, id = 'seaworthy-aa') => {
      for (const plugin of plugins.toReversed()) await call('DEL', id, plugin, result);
      await host.sh(`ip netns delete ${id}`);
    },
    /** The pod is gone, and nobody told the plugins. */
    forget: (id = 'seaworthy-aa') => host.sh(`ip netns delete ${id}`),
    putBack: async () => JSON.parse(await end('put-back')) as Settled,
  };
}

/** What changes by itself: an address is tried out for a while, and a bridge that was up has a queue. */
async function steadyState(host: Host): Promise<string> {
  return (await host.state()).replaceAll(/ tentative| qdisc \w+/g, '');
}

const names = (told: readonly Remainder[]) => told.map(({ what, name }) => `${what} ${name}`).sort();
const NOTHING = { leaked: [], left: [], inUse: [], unclear: [] };

const CHAINS: { readonly chain: string; readonly plugins: readonly Plugin[] }[] = [
  { chain: 'bridge alone', plugins: [PLAIN] },
  { chain: 'bridge with ipMasq', plugins: [BRIDGE] },
  { chain: 'ptp with ipMasq', plugins: [{ type: 'ptp', ipMasq: true, ipam: HOST_LOCAL }] },
  { chain: 'portmap with a mapping', plugins: [BRIDGE, PORTMAP] },
  { chain: 'firewall', plugins: [PLAIN, { type: 'firewall', backend: 'iptables' }] },
  {
    chain: 'bandwidth',
    plugins: [
      PLAIN,
      {
        type: 'bandwidth',
        capabilities: { bandwidth: true },
        runtimeConfig: {
          bandwidth: { ingressRate: 1e6, ingressBurst: 1e6, egressRate: 1e6, egressBurst: 1e6 },
        },
      },
    ],
  },
  {
    chain: 'all of them',
    plugins: [BRIDGE, PORTMAP, { type: 'firewall', backend: 'iptables' }, { type: 'tuning', mtu: 1400 }],
  },
];

for (const { chain, plugins } of CHAINS) {
  labTest(`${chain}: afterwards the host is as it was`, async ({ lab }) => {
    const host = await lab.host('w1', '10.77.0.1/24', 'fd77::1/64');
    const pods = network(host, ...plugins);
    const before = await steadyState(host);
    await pods.look();
    await pods.del(await pods.add());
    const { kept, ...rest } = await pods.putBack();
    expect(names(kept)).toContain('sysctl net.ipv4.ip_forward');
    expect(rest).toEqual(NOTHING);
    expect(await steadyState(host)).toBe(before);
  });
}

const WITH_PORTS: readonly Plugin[] = [BRIDGE, PORTMAP, { type: 'firewall', backend: 'iptables' }];

/** Another pod of the node, as a kubelet would have it made. */
const REAL = '4f2a9c0de1b3real';

labTest('rules of others in tables that the plugins made stay, and so do the tables', async ({ lab }) => {
  const host = await lab.host('w1', '10.77.0.1/24');
  const pods = network(host, ...WITH_PORTS);
  await pods.look();
  const result = await pods.add();
  await host.sh('iptables -t nat -A POSTROUTING -s 192.0.2.1 -j ACCEPT; iptables -N MINE; iptables -A FORWARD -j MINE');
  const rules = (await host.sh('iptables-save')).split('\n').filter((line) => /MINE|192\.0\.2\.1/.test(line));
  await pods.del(result);
  const { kept, unclear, ...rest } = await pods.putBack();
  expect({ ...rest, unclear: [] }).toEqual(NOTHING);
  expect(names(unclear)).toEqual([
    'rule table ip filter chain FORWARD, a rule',
    'rule table ip nat chain POSTROUTING, a rule',
  ]);
  expect(names(kept)).toContain('rule table ip nat chain CNI-HOSTPORT-DNAT');
  expect(names(kept)).not.toContain('rule table ip nat');
  const after = await host.sh('iptables-save');
  expect(after.split('\n').filter((line) => /MINE|192\.0\.2\.1/.test(line))).toEqual(rules);
  expect(after).not.toContain('CNI-');
  expect(await host.sh('nft list tables')).not.toContain('ip6');
});

labTest('a pod of the node that came meanwhile keeps all that it uses', async ({ lab }) => {
  const host = await lab.host('w1', '10.77.0.1/24');
  const pods = network(host, ...WITH_PORTS);
  await pods.look();
  const mine = await pods.add();
  const real = await pods.add(REAL);
  await pods.del(mine);
  const state = await steadyState(host);
  const { kept, leaked, left, inUse } = await pods.putBack();
  expect({ kept, leaked, left }).toEqual({ kept: [], leaked: [], left: [] });
  expect(names(inUse)).toEqual(
    expect.arrayContaining([
      'interface cni0',
      'rule table ip nat chain CNI-HOSTPORT-DNAT',
      'sysctl net.ipv4.ip_forward',
    ]),
  );
  expect(await steadyState(host)).toBe(state);
  await pods.del(real, REAL);
});

labTest('somebody else’s interface on the bridge: it stays, with all that a pod on it needs', async ({ lab }) => {
  const host = await lab.host('w1', '10.77.0.1/24');
  const pods = network(host, PLAIN);
  await pods.look();
  const result = await pods.add();
  await host.sh('ip link add foreign type veth peer name other; ip link set dev foreign master cni0 up');
  await pods.del(result);
  const { left, inUse } = await pods.putBack();
  expect(left).toEqual([]);
  expect(names(inUse)).toEqual(['interface cni0', 'sysctl net.ipv4.ip_forward', 'sysctl net.ipv6.conf.all.forwarding']);
  expect(await host.sh('ip -br link show master cni0; cat /proc/sys/net/ipv4/ip_forward')).toMatch(/foreign.*\n1\n$/s);
});

labTest('what a DEL that never came leaves behind is ours by its names', async ({ lab }) => {
  const host = await lab.host('w1', '10.77.0.1/24', 'fd77::1/64');
  const pods = network(host, ...WITH_PORTS);
  const before = await steadyState(host);
  await pods.look();
  await pods.add();
  await host.sh('CNI_CONTAINERID=seaworthy-aa sleep 300 </dev/null >/dev/null 2>&1 &');
  await pods.forget();
  const { leaked, left, inUse } = await pods.putBack();
  expect({ left, inUse }).toEqual({ left: [], inUse: [] });
  expect(names(leaked).join('\n')).toMatch(/process pid \d+/);
  expect(names(leaked)).toEqual(
    expect.arrayContaining([
      'reservation /var/lib/cni/networks/lab/10.99.7.2',
      'reservation /var/lib/cni/networks/lab/fd00:7::2',
      'rule table ip filter chain CNI-FORWARD, a rule',
    ]),
  );
  expect(await steadyState(host)).toBe(before);
});

labTest('on a node that has pods already, nothing of theirs is touched', async ({ lab }) => {
  const host = await lab.host('w1', '10.77.0.1/24');
  const pods = network(host, ...WITH_PORTS);
  const real = await pods.add(REAL);
  // kube-proxy has chains for many Services, and goes on with its work.
  await host.sh(
    `(echo '*nat'; for i in $(seq 320); do echo ":KUBE-SVC-$i - [0:0]"; done; echo COMMIT) | iptables-restore --noflush`,
  );
  await host.sh('iptables -t nat -N KUBE-SERVICES; iptables -t nat -A PREROUTING -j KUBE-SERVICES');
  const rules = async () =>
    (await host.sh('nft -s list ruleset; ip address; ip route; cat /proc/sys/net/ipv4/conf/*/*')).replaceAll(
      ' tentative',
      '',
    );
  const before = await rules();
  await pods.look();
  const mine = await pods.add();
  await host.sh('iptables -t nat -A KUBE-SERVICES -d 10.96.0.1 -j ACCEPT');
  await pods.del(mine);
  const rest = await pods.putBack();
  expect(rest).toEqual({ ...NOTHING, kept: [] });
  await host.sh('iptables -t nat -D KUBE-SERVICES -d 10.96.0.1 -j ACCEPT');
  expect(await rules()).toBe(before);
  await pods.del(real, REAL);
});

labTest('a bridge without an address, and down: it is both again', async ({ lab }) => {
  const host = await lab.host('w1', '10.77.0.1/24');
  await host.sh('ip link add cni0 type bridge');
  const pods = network(host, PLAIN);
  const before = await steadyState(host);
  await pods.look();
  await pods.del(await pods.add());
  const { kept, ...rest } = await pods.putBack();
  expect(rest).toMatchObject(NOTHING);
  expect(names(kept)).toEqual(expect.arrayContaining(['address 10.99.7.1/24 of cni0', 'interface cni0']));
  expect(await steadyState(host)).toBe(before);
});

labTest('forwarding of single interfaces is again as it was', async ({ lab }) => {
  const host = await lab.host('w1', '10.77.0.1/24');
  await host.sh(
    'sysctl -qw net.ipv4.conf.eth0.forwarding=1 net.ipv4.conf.all.accept_redirects=0 net.ipv6.conf.lo.forwarding=1',
  );
  const pods = network(host, PLAIN);
  const before = await steadyState(host);
  await pods.look();
  await pods.del(await pods.add());
  expect(await pods.putBack()).toMatchObject(NOTHING);
  expect(await steadyState(host)).toBe(before);
});

labTest('the older iptables: chains of the plugins go, and rules of others stay', async ({ lab }) => {
  const host = await lab.host('w1', '10.77.0.1/24');
  await host.sh(
    'mkdir /run/first; for name in iptables ip6tables; do ln -s /usr/sbin/xtables-legacy-multi /run/first/$name; done',
  );
  await host.sh('for name in iptables-legacy ip6tables-legacy; do for t in nat filter; do $name -t $t -S; done; done');
  const pods = network(host, ...WITH_PORTS);
  const before = await steadyState(host);
  await pods.look();
  const result = await pods.add();
  await host.sh('iptables-legacy -t nat -A POSTROUTING -s 192.0.2.1 -j ACCEPT');
  expect(await host.sh('iptables-legacy-save')).toContain('CNI-HOSTPORT-DNAT');
  await pods.forget();
  expect(result).not.toBeNull();
  const { leaked, left, inUse } = await pods.putBack();
  expect({ left, inUse }).toEqual({ left: [], inUse: [] });
  expect(names(leaked).join('\n')).toContain('rule table ip nat (legacy) chain CNI-DN-');
  expect(await host.sh('iptables-legacy-save')).toContain('-A POSTROUTING -s 192.0.2.1/32 -j ACCEPT');
  await host.sh('iptables-legacy -t nat -D POSTROUTING -s 192.0.2.1 -j ACCEPT');
  expect(await steadyState(host)).toBe(before);
});
